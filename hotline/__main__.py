"""`python -m hotline` is the same as `hotline`."""

from hotline.cli.switchboard import main

if __name__ == "__main__":
    main(prog_name="hotline")
