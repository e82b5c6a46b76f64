"""The environments that programs run in: which image name stands for which, and how they are built."""
