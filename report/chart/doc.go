// Package chart draws the pictures that reports carry: stacked bars over days or hours, as PNG.
//
// It owns the look: a dark card that reads well in a dark chat and in a white mail, letters large enough
// when a phone shows it 300 points wide, colours that people who see few of them can tell apart. It is
// pure: it draws the numbers it is given and no other, writes them the way the caller writes them, and
// the same chart is the same bytes. It never fails for what the numbers are: none, one, all zero,
// negative, or as large as a number gets.
//
// Axes, grid, letters and the raster are of wcharczuk/go-chart (MIT; the typeface Roboto is inside),
// which is used here only. Its stacked bars are not: they make each bar as high as the others, and are
// shares, not amounts. Nor is its legend, which is white and lies over the title.
package chart
