"""The call log: who may see a visit finds it here, fast, whatever projects they are in."""
