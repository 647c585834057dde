"""Settings changed from the screen: written to the user's file with its comments kept, checked before anything is replaced."""

from pathlib import Path

from msgspec import structs

from .config import Config, ConfigError, parse_config
from .paths import write_private

Value = str | bool | float | tuple[str, ...]


class Preferences:
    """The settings in force and the file they are kept in; `path` None keeps them for this run only."""

    def __init__(self, config: Config, path: Path | None = None) -> None:
        self.config = config
        self.path = path

    def change(self, section: str, key: str, value: Value) -> None:
        """Set one value.

        Raises:
            ConfigError: the value is not allowed, or the file as it is now has mistakes; nothing was written.
            BondtopError: the file cannot be written.
        """
        import tomlkit  # not needed before somebody changes a setting

        text = self._text()
        name = str(self.path or "settings")
        parse_config(text, name)
        document = tomlkit.parse(text)
        table = document.setdefault(section, tomlkit.table())
        table[key] = list(value) if isinstance(value, tuple) else value
        changed = tomlkit.dumps(document)
        config = parse_config(changed, name)
        if self.path is not None:
            write_private(self.path, changed)
            self.config = structs.replace(config, watchlists=self.config.watchlists)
        else:
            self.config = _with(self.config, section, key, value)

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8") if self.path else ""
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as e:
            raise ConfigError(f"{self.path}: cannot be read: {e}") from None


def _with(config: Config, section: str, key: str, value: Value) -> Config:
    return structs.replace(config, **{section: structs.replace(getattr(config, section), **{key: value})})
