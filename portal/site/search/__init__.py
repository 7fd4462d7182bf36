"""One search over what is public: challenges, projects, organisations, and help."""
