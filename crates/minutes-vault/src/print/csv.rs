//! CSV for spreadsheets: RFC 4180, with a byte order mark so that Excel reads it as UTF-8, and without cells that a
//! spreadsheet would take for a formula.

use web::table::quoted;

const BOM: &str = "\u{FEFF}";

/// Rows on their way to a spreadsheet.
pub struct Csv(String);

impl Csv {
    /// With the names of the columns.
    pub fn new(header: &[&str]) -> Self {
        let mut csv = Self(BOM.to_owned());
        csv.row(header.iter().map(ToString::to_string));
        csv
    }

    /// More rows of a table whose header has been written.
    pub fn without_header() -> Self {
        Self(String::new())
    }

    /// One row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| quoted(&cell)).collect();
        self.0.push_str(&cells.join(","));
        self.0.push_str("\r\n");
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_cells() {
        let mut csv = Csv::new(&["一", "b"]);
        csv.row(["a,\"b\"\n".to_owned(), "=1+1".to_owned()]);
        assert_eq!(csv.text(), "\u{FEFF}一,b\r\n\"a,\"\"b\"\"\n\",\"'=1+1\"\r\n");
    }
}
