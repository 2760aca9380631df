"""The program inside the bundle: a double click opens the workbench, arguments are the command line."""

from mujun.cli.double_click import main

if __name__ == "__main__":
    main()
