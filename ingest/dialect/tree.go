package dialect

import "strings"

// slot is what a value in a JSON text means to us; 0 is nothing.
type slot uint8

// node is a place in a JSON text under which something is wanted.
type node struct {
	slot slot
	keys []edge
	elem *node // of the elements, where it is an array
}

type edge struct {
	key  string
	node *node
}

// child is the place under a key, nil if nothing below it is wanted. Places have at most some
// twenty keys, for which comparing is faster than hashing.
func (n *node) child(key []byte) *node {
	for i := range n.keys {
		if n.keys[i].key == string(key) {
			return n.keys[i].node
		}
	}
	return nil
}

// paths says where slots are: keys joined by dots, * for the elements of an array; the
// empty path is the text itself.
type paths map[string]slot

// under is the same paths below others.
func (p paths) under(prefixes ...string) paths {
	all := paths{}
	for _, prefix := range prefixes {
		for path, s := range p {
			all[prefix+"."+path] = s
		}
	}
	return all
}

// tree makes the tree of all paths.
func tree(all ...paths) *node {
	root := &node{}
	for _, p := range all {
		for path, s := range p {
			at := root
			for key := range strings.SplitSeq(path, ".") {
				if path != "" {
					at = at.grow(key)
				}
			}
			at.slot = s
		}
	}
	return root
}

func (n *node) grow(key string) *node {
	if key == "*" {
		if n.elem == nil {
			n.elem = &node{}
		}
		return n.elem
	}
	if at := n.child([]byte(key)); at != nil {
		return at
	}
	n.keys = append(n.keys, edge{key, &node{}})
	return n.keys[len(n.keys)-1].node
}
