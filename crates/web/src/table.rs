//! Tables that a spreadsheet opens: CSV (RFC 4180, with a byte order mark, so that Excel reads UTF-8) and XLSX. In
//! neither is a text taken for a formula.

use archive::audit::AuditRow;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::moments::Moments;
use crate::sheet::Cell;

const BOM: &str = "\u{FEFF}";
/// A cell of a workbook holds no more, in characters.
const LONGEST_CELL: usize = 32_767;

/// The keys of the columns of an exported audit log.
pub const AUDIT_COLUMNS: [&str; 8] = [
    "column-row",
    "column-moment",
    "column-actor",
    "column-verb",
    "column-subject",
    "column-detail",
    "column-from",
    "column-hash",
];

/// A row of an exported audit log.
#[must_use]
pub fn audit_cells(row: AuditRow, moments: &Moments) -> [String; 8] {
    [
        row.number.to_string(),
        moments.say_exactly(Some(row.at_ms)),
        row.actor,
        row.verb,
        row.subject,
        row.detail.unwrap_or_default(),
        row.from_address,
        row.hash,
    ]
}

/// The header and the rows as CSV.
pub(crate) fn csv(header: &[String], rows: &[Vec<Cell>]) -> String {
    let header: Vec<String> = header.iter().map(|name| quoted(name)).collect();
    format!("{BOM}{}\r\n{}", header.join(","), csv_rows(rows))
}

/// Further rows of it.
pub(crate) fn csv_rows(rows: &[Vec<Cell>]) -> String {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => quoted(text),
        Cell::Number(number) => number.to_string(),
    };
    rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n").collect()
}

/// A cell of CSV (RFC 4180) that no spreadsheet takes for a formula.
#[must_use]
pub fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']) {
        "'"
    } else {
        ""
    };
    if guard.is_empty() && !cell.contains([',', '"', '\n', '\r']) {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// The header and the rows as a workbook.
pub(crate) fn xlsx(name: &str, header: &[String], rows: &[Vec<Cell>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold();
    sheet.set_name(name)?;
    for (column, name) in (0..).zip(header) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    for (line, row) in (1..).zip(rows) {
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(text) => {
                    let text: String = text.chars().take(LONGEST_CELL).collect();
                    sheet.write_string(line, column, text)?
                }
                #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 of anything here")]
                Cell::Number(number) => sheet.write_number(line, column, *number as f64)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_cells() {
        let header = ["标题".to_owned(), "n".to_owned()];
        let rows =
            [vec![Cell::Text("=1+1".to_owned()), Cell::Number(-5)], vec![Cell::Text("a,\"b\"\n".to_owned())]];
        assert_eq!(csv(&header, &rows), "\u{FEFF}标题,n\r\n\"'=1+1\",-5\r\n\"a,\"\"b\"\"\n\"\r\n");
        assert!(xlsx("录制", &header, &rows).unwrap().starts_with(b"PK"));
    }
}
