@echo off
rem Opens the workbench; with arguments it is the mujun command.
if not exist "%~dp0.venv\Scripts\python.exe" goto notyet
"%~dp0.venv\Scripts\python.exe" -m mujun.cli.double_click %*
exit /b %errorlevel%
:notyet
echo 还没有安装：请先双击 install.bat。
pause
exit /b 1
