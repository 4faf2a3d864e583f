// Package cube counts events by dimensions: it is the one group-by kernel of the house.
//
// The same Table is filled from records (raw events) and from blocks (the cells of a cube), so an
// answer from a cube and an answer from raw events agree by construction. At sealing time the
// tables of all cubes of a kind are filled from a segment's records and encoded as its blocks.
//
// It owns dimensions, measures, predicates, the states that measures are kept in, the bytes of a
// block (rollup/FORMAT.md) and the declarations of the cubes. It promises that states do not depend
// on the order in which events or blocks came, that equal tables are equal bytes, and that sums are
// exact. It never reads a clock, a file or the store.
//
// Third parties: DataDog/sketches-go gives the mapping of values to quantile bins. Bins and registers
// themselves are kept here: merging an encoded sketch through the library costs 11 µs, a year of
// cells would cost seconds; here it is 3 ns a bin. The estimate from registers is that of
// axiomhq/hyperloglog, which the tests hold it to.
package cube
