"""The record of an application on its site (应用场景项目): since when, by whom, to what effect."""
