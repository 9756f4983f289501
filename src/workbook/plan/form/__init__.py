"""What is done, with what? Structures, operations as steps on them, promises: the intermediate form."""
