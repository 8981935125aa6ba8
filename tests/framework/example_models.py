"""The class of the models of printed examples, apart from those of the application."""

from sqlalchemy.orm import DeclarativeBase, registry

from app.database import Model as ModelOfTheApplication


class Model(DeclarativeBase):
    registry = registry(
        metadata=ModelOfTheApplication.metadata,
        type_annotation_map=ModelOfTheApplication.registry.type_annotation_map,
    )
