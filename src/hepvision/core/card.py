"""Cards are data: strict models, near names for a typo, components built from mappings."""

import dataclasses
import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pydantic
import yaml

from hepvision.core._rules import counted, fault, infinite
from hepvision.core.errors import CardError
from hepvision.core.names import file_of, hint, load, names

__all__ = ["Card", "component", "described", "parse", "read_yaml", "sizes_of"]


class Card(pydantic.BaseModel):
    """Base of every block of a card: unknown keys refused, values frozen, numbers finite.

    Examples
    --------
    >>> class Split(Card):
    ...     seed: int = 0
    >>> Split(seed=3).seed
    3
    """

    model_config = pydantic.ConfigDict(
        extra="forbid", frozen=True, strict=False, allow_inf_nan=False
    )


Model = TypeVar("Model", bound=pydantic.BaseModel)


def _keys_at(model: Any, where: tuple[Any, ...]) -> tuple[str, ...]:
    for part in where:
        fields = getattr(model, "model_fields", {})
        if isinstance(part, str) and part in fields:
            model = fields[part].annotation
        models = list(_models(model))
        # where a block may be of several kinds, pydantic names the one that was meant
        named = [one for one in models if one.__name__.lower() == part]
        model = next(iter(named or models), model)
    return tuple(getattr(model, "model_fields", {}))


def _models(annotation: Any) -> Iterator[type[pydantic.BaseModel]]:
    """Blocks that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for one in typing.get_args(annotation):
        yield from _models(one)


def _written(data: Any, place: tuple[Any, ...]) -> Iterator[str]:
    """A place as the card has it, without the kinds that pydantic names between."""
    for part in place:
        there = isinstance(data, Mapping) and part in data
        if there or (isinstance(data, Sequence) and isinstance(part, int)):
            data = data[part]
            yield str(part)


def _first(errors: Sequence[Any]) -> Any:
    """The first fault; before a key that is missing, an unknown one that may be meant for it."""
    first = errors[0]
    unknown = [one for one in errors if one["type"] == "extra_forbidden"]
    beside = [one for one in unknown if one["loc"][:-1] == first["loc"][:-1]]
    return beside[0] if first["type"] == "missing" and beside else first


def parse(model: type[Model], data: Any, where: str) -> Model:
    """Check a mapping against a model.

    Parameters
    ----------
    model : type of Card
        What the mapping must be.
    data : mapping
        As read from YAML or JSON.
    where : str
        Name of the file or block, for the error.

    Returns
    -------
    Card
        The checked, frozen block.

    Raises
    ------
    CardError
        In one line: the place, the rule, the value; a near name for an unknown key.

    Examples
    --------
    >>> class Split(Card):
    ...     seed: int = 0
    >>> parse(Split, {"sead": 1}, "card")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: card: no key 'sead'. Did you mean 'seed'?
    """
    try:
        made = model.model_validate(data)
    except pydantic.ValidationError as error:
        errors = error.errors()
        first = _first(errors)
        place = tuple(first["loc"])
        if first["type"] == "extra_forbidden":
            known = _keys_at(model, place[:-1])
            block = ": ".join(filter(None, (where, ".".join(_written(data, place[:-1])))))
            key = str(place[-1])
            raise CardError(f"{block}: no key {key!r}. {hint(key, known)}") from None
        raise CardError(fault(errors, data, where)) from None
    _refuse_counted(data, made.model_dump(), where)
    return made


def _refuse_counted(given: Any, made: Any, where: str) -> None:
    wrong = counted(given, made)
    if wrong:
        raise CardError(f"{where}: {wrong}: must be a number, got a truth value. Give one.")


def component(kind: str, block: str | Mapping[str, Any]) -> Any:
    """Build a component from its name and parameters.

    Parameters
    ----------
    kind : str
        A key of ``hepvision.core.names.KINDS``.
    block : str or mapping
        A name, or ``{"name": …, parameter: value, …}``; parameters are the annotated fields of
        the component, which is a dataclass. ``size`` names one of its ``sizes``, if it has them:
        the parameters given beside it override those of the size.

    Returns
    -------
    object
        The component.

    Raises
    ------
    CardError
        A parameter or size is unknown, or has the wrong type.
    UnknownNameError
        There is no such component.

    Examples
    --------
    >>> component("geometries", "ecal_barrel").shape
    (170, 360)
    >>> component("geometries", {"name": "ecal_barrel", "rows": 3})
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: geometries ecal_barrel: no key 'rows'. There are: none.
    """
    parameters = {"name": block} if isinstance(block, str) else dict(block)
    name = parameters.pop("name", None)
    if not isinstance(name, str):
        raise CardError(f"{kind}: needs a name, got {block!r}. Write name: and one of its files.")
    made = load(kind, name)
    where = f"{kind} {name}"
    fields = {field.name: field for field in dataclasses.fields(made) if field.init}
    sizes = sizes_of(made)
    if "size" in parameters and sizes:
        parameters = {**_of_size(sizes, parameters.pop("size"), where), **parameters}
    for key in parameters:
        if key not in fields:
            raise CardError(f"{where}: no key {key!r}. {hint(key, fields)}")
    hints = typing.get_type_hints(made)
    given = dict(parameters)
    for key, value in given.items():
        try:
            parameters[key] = pydantic.TypeAdapter(hints[key]).validate_python(value)
        except pydantic.ValidationError as error:
            errors = [{**one, "loc": (key, *one["loc"])} for one in error.errors()]
            raise CardError(fault(errors, {key: value}, where)) from None
        wrong = infinite(parameters[key], key)
        if wrong:
            raise CardError(f"{where}: {wrong}: must be a finite number, got {value}. Give one.")
    _refuse_counted(given, parameters, where)
    try:
        return made(**parameters)
    except (TypeError, ValueError) as error:
        raise CardError(f"{where}: {error}") from error


def sizes_of(made: Any) -> Mapping[str, Mapping[str, Any]]:
    """Parameters of a component at each size that a card may name.

    Parameters
    ----------
    made : class
        Any component.

    Returns
    -------
    mapping of mapping
        Its ``sizes``; none where it has no such class variable, or fields called so.

    Examples
    --------
    >>> from hepvision.core.names import load
    >>> sizes_of(load("geometries", "hcal"))
    {}
    """
    fields = {field.name for field in dataclasses.fields(made)}
    return {} if fields & {"size", "sizes"} else getattr(made, "sizes", {})


def _of_size(sizes: Mapping[str, Mapping[str, Any]], size: Any, where: str) -> dict[str, Any]:
    """Parameters of a component at one of its sizes."""
    if not isinstance(size, str) or size not in sizes:
        raise CardError(f"{where}: no size {size!r}. {hint(str(size), sizes)}")
    return dict(sizes[size])


def described(made: Any) -> dict[str, Any]:
    """A component as a block of a card: what ``component`` builds it from.

    Parameters
    ----------
    made : dataclass
        Any component.

    Returns
    -------
    dict
        Its name and fields.

    Examples
    --------
    >>> described(component("representations", "four_momenta"))["name"]
    'four_momenta'
    """
    name = type(made).__module__.rpartition(".")[2]
    return {"name": name, **dataclasses.asdict(made)}


def _refuse_twice(top: yaml.Node | None) -> None:
    """Refuse a key given twice: the first would be lost without a word."""
    left, known = [top], set[int]()
    while left:
        node = left.pop()
        if node is None or id(node) in known:  # an alias stands for the same node
            continue
        known.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            left += node.value
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    line = key.start_mark.line + 1
                    raise yaml.YAMLError(f"the key {key.value!r} twice, again in line {line}")
                seen.add(str(key.value) if isinstance(key, yaml.ScalarNode) else "")
                left.append(value)


def read_yaml(path: str | Path) -> dict[str, Any]:
    """Read a card, given its file or the name of a study.

    Parameters
    ----------
    path : path or str
        A YAML file, or the name of a card of the package.

    Returns
    -------
    dict
        What the file holds; plain data, nothing is constructed.

    Raises
    ------
    CardError
        The file is not a YAML mapping.
    UnknownNameError
        No study has this name and no file is there.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "card.yaml"
    >>> _ = path.write_text("seeds: [1]")
    >>> read_yaml(path)
    {'seeds': [1]}
    """
    file = Path(path)
    if not (file.suffix in {".yaml", ".yml"} and file.is_file()):
        if file.suffix in {".yaml", ".yml"}:
            raise CardError(
                f"{path}: no such card. Check the path, or see 'hepvision list studies'."
            )
        if file.is_file() and str(path) not in names("studies"):
            raise CardError(
                f"{path}: a card must end in .yaml, got {file.suffix or 'no ending'}. Rename it."
            )
        file = file_of("studies", str(path))
    try:
        text = file.read_text(encoding="utf-8")
        _refuse_twice(yaml.compose(text, Loader=yaml.SafeLoader))
        data = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        line = " ".join(str(error).split())[:120]
        raise CardError(f"{path}: must be YAML, got {line}. Mend the card.") from error
    if not isinstance(data, dict):
        raise CardError(f"{path}: must be a mapping, got {type(data).__name__}. Mend the card.")
    return data
