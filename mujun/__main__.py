"""`python -m mujun`."""

from mujun.cli import main

if __name__ == "__main__":
    main()
