"""A runner for `west flash`: programs a board over USB DFU and proves every byte."""

from runners.core import RunnerCaps, ZephyrBinaryRunner


class SureflashRunner(ZephyrBinaryRunner):
    """Hands the ELF file, which knows its own addresses, to `sureflash program`."""

    def __init__(self, cfg, program, options):
        super().__init__(cfg)
        self.program = program
        self.options = options

    @classmethod
    def name(cls):
        return "sureflash"

    @classmethod
    def capabilities(cls):
        return RunnerCaps(commands={"flash"})

    @classmethod
    def do_add_parser(cls, parser):
        parser.add_argument("--sureflash", default="sureflash", help="the program, if it is not on the path")
        parser.add_argument("--sureflash-option", action="append", default=[], help="for `sureflash program`; may be given again")

    @classmethod
    def do_create(cls, cfg, args):
        return cls(cfg, args.sureflash, args.sureflash_option)

    def do_run(self, command, **kwargs):
        self.require(self.program)
        self.check_call([self.program, "program", self.cfg.elf_file, *self.options])
