"""What those who work on the notebooks run: `python -m tools.NAME`, in the project's folder."""
