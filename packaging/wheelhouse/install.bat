@echo off
rem Installs mujun from the wheels beside this script into .venv beside it: no network, no rights of an administrator.
setlocal
pushd "%~dp0"
set /p PYTHONS=<pythons.txt
set "PY="
for %%v in (%PYTHONS%) do if not defined PY py -%%v -c "" >nul 2>nul && set "PY=py -%%v"
for %%v in (%PYTHONS%) do if not defined PY python -c "import sys; sys.exit(sys.version.split()[0].rpartition('.')[0] != '%%v')" >nul 2>nul && set "PY=python"
if not defined PY goto nopython
%PY% -m venv --clear .venv
if errorlevel 1 goto novenv
.venv\Scripts\python.exe -m pip --isolated install -q --disable-pip-version-check --no-cache-dir --no-index --find-links wheels "mujun[workbench]"
if errorlevel 1 goto notinstalled
echo 装好了。双击 start.bat 打开工作台。
popd
pause
exit /b 0

:nopython
echo 这台电脑上没有可用的 Python（需要的版本：%PYTHONS%）：请先安装其中一个版本（选“只为我安装”，不需要管理员），再双击本文件；不想装 Python 的，请改用免安装的程序文件夹。
goto failed
:novenv
echo 无法在这里建立 .venv 文件夹：请把整个文件夹复制到本机硬盘上您能写入的地方，再双击本文件。
goto failed
:notinstalled
echo 没有装成：wheels 文件夹不全，或不是为这台电脑准备的（Python：%PYTHONS%）。请重新复制整个文件夹；仍不行的，把上面的话发给给您这个文件夹的人。
:failed
popd
pause
exit /b 1
