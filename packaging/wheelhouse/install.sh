#!/bin/sh
# Installs mujun from the wheels beside this script into .venv beside it: no network, no rights of an administrator.
set -u
case $0 in */*) cd -- "${0%/*}" || exit 1 ;; esac
here=$(pwd)
read -r pythons <pythons.txt
python=''
for version in $pythons; do
    for name in "python$version" python3 python; do
        if [ -z "$python" ] && "$name" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
            python=$name
        fi
    done
done
if [ -z "$python" ]; then
    echo "这台电脑上没有可用的 Python（需要的版本：$pythons）：请先安装其中一个版本，再运行本脚本；不想装 Python 的，请改用免安装的程序文件夹。" >&2
    exit 1
fi
if ! "$python" -m venv --clear .venv; then
    echo "无法在 $here 建立 .venv：请把整个文件夹复制到本机硬盘上您能写入的地方（U 盘不行）再运行；Debian、统信、麒麟上还要装 python3-venv。" >&2
    exit 1
fi
if ! .venv/bin/python -m pip --isolated install -q --disable-pip-version-check --no-cache-dir --no-index --find-links wheels 'mujun[workbench]'; then
    echo "没有装成：wheels 文件夹不全，或不是为这台电脑准备的（Python：$pythons）。请重新复制整个文件夹；仍不行的，把上面的话发给给您这个文件夹的人。" >&2
    exit 1
fi
echo "装好了。运行 ./start.sh 打开工作台。"
