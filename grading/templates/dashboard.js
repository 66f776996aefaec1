"use strict";

// Heads of columns become buttons that sort. Cells without a value stay at the end.
function makeSortable(table) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };
  const sort = (column) => {
    const head = heads[column];
    const isAscending = head.getAttribute("aria-sort") !== "ascending";
    const compare = head.classList.contains("number")
      ? (one, other) => parseFloat(one) - parseFloat(other)
      : (one, other) => one.localeCompare(other, undefined, { numeric: true });
    const rows = [...body.rows].map((row) => [value(row, column), row]);
    rows.sort(([one], [other]) => {
      if (one === "" || other === "") return (one === "") - (other === "");
      return isAscending ? compare(one, other) : compare(other, one);
    });
    body.append(...rows.map(([, row]) => row));
    for (const each of heads) each.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
    head.setAttribute("aria-sort", "none");
  });
}

// Accents and capitals make no difference.
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function makeFilter(form, table) {
  const [text, status] = [form.querySelector("input"), form.querySelector("select")];
  const rows = [...table.tBodies[0].rows].map((row) => ({
    row,
    text: plain(row.textContent),
    status: row.querySelector(".status").textContent.trim(),
  }));
  const filter = () => {
    let count = 0;
    for (const each of rows) {
      const isShown = each.text.includes(plain(text.value.trim()))
        && (status.value === "" || each.status === status.value);
      each.row.hidden = !isShown;
      count += isShown;
    }
    form.querySelector("output").textContent = `${count} of ${rows.length} students shown`;
  };
  for (const each of new Set(rows.map((row) => row.status))) status.add(new Option(each));
  // A browser may remember what was chosen before the page was loaded again.
  text.value = status.value = "";
  text.addEventListener("input", filter);
  status.addEventListener("change", filter);
  filter();
  form.hidden = false;
}

document.querySelectorAll("table.sortable").forEach(makeSortable);
makeFilter(document.getElementById("filter"), document.getElementById("students-table"));
