"""The screens: each arranges panes and takes the app's View."""
