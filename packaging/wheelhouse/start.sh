#!/bin/sh
# Opens the workbench; with arguments it is the mujun command.
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
if [ ! -x "$here/.venv/bin/python" ]; then
    echo "还没有安装：请先运行 ./install.sh。" >&2
    exit 1
fi
exec "$here/.venv/bin/python" -m mujun.cli.double_click "$@"
