"""The formal check (形式审查): its list, the officers' answers, correction, refusal and reply."""
