// Package archive keeps sorted records as Parquet: the segments inside the store, the archive files
// outside it, and the exports people take away. FORMAT.md in this folder says which column becomes
// what.
//
// It is the only room where parquet-go is used. It takes from it the format (Thrift structs), the
// encodings and the bloom filters. Files are put together and taken apart page by page here:
// parquet-go's writer and reader go through one boxed value a cell, hash every string again and
// expand every dictionary, which costs several times as much as the work.
//
// It promises that what Write was given is what Read gives back, that Read fetches only the bytes
// of the columns it is asked for, and that damaged bytes are an error (ErrDamaged), never a panic
// and never other values: every page carries a CRC-32 that is checked.
//
// It never decides which rows belong together, and never touches a disk itself.
package archive
