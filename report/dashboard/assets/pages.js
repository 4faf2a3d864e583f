// The pages that this browser may see, each with the questions it asks and how the answers are shown. The
// server has the table (pages.go) and gives it with the page, without what is not shared.

export const pages = JSON.parse(document.getElementById('table').textContent);
