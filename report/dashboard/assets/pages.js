// The pages that this browser may see, each with the questions it asks and how the answers are shown, and
// the names that can be filtered by. The server has the tables (pages.go, the catalog) and gives them with
// the page, without what is not shared.

const table = JSON.parse(document.getElementById('table').textContent);

export const pages = table.pages;
export const names = new Set(table.names);
