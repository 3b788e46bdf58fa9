"""From a spec to ranked designs: search, local search, proposals, shortlists."""
