package cube

// Without is a block with the cells taken out whose value of a dimension is one that is gone; nil if
// there is no such cell or no such dimension. What sketches and distinct counts of other cells know of
// those events stays: it is counts and hashes, and no name.
func Without(block []byte, dim string, gone func(value string) bool) ([]byte, error) {
	b, err := OpenBlock(block)
	if err != nil {
		return nil, err
	}
	spec, err := b.Bucketed()
	if err != nil {
		return nil, err
	}
	at := -1
	for i, name := range spec.Dims {
		if name == dim {
			at = i
		}
	}
	if at < 0 {
		return nil, nil
	}
	whole, err := NewTable(spec)
	if err != nil {
		return nil, err
	}
	if err := whole.AddCells(b, Always, Never); err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for g := range whole.Len() {
		if v := whole.Dim(at, g); v != "" && !found[v] && gone(v) {
			found[v] = true
			spec.Filter = append(spec.Filter, Predicate{Field: dim, Compare: Ne, Values: []string{v}})
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	left, err := NewTable(spec)
	if err != nil {
		return nil, err
	}
	if err := left.AddCells(b, Always, Never); err != nil {
		return nil, err
	}
	return left.Encode(), nil
}
