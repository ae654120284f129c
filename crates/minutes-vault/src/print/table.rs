//! Tables: aligned on a terminal (Chinese characters are two columns wide), tab-separated elsewhere.

use comfy_table::{ContentArrangement, presets};
use web::words::Words;

use super::{harmless, is_terminal, line};

/// Columns of the terminal below which wrapping makes a table worse.
const NARROWEST: u16 = 60;

/// Rows of one width.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these texts as its header.
    pub fn new(header: &[&str], words: Words) -> Self {
        Self { header: header.iter().map(|key| words.say(key)).collect(), rows: Vec::new() }
    }

    /// Names and values, without a header.
    pub fn facts() -> Self {
        Self { header: Vec::new(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| harmless(&cell)).collect());
    }

    /// Writes it to stdout.
    pub fn print(&self) {
        if is_terminal() {
            return line(self.aligned().trim_fmt());
        }
        let header = (!self.header.is_empty()).then_some(&self.header);
        for row in header.into_iter().chain(&self.rows) {
            line(row.join("\t"));
        }
    }

    fn aligned(&self) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        // A width of nothing is what some terminals say who do not know theirs.
        if table.width().is_some_and(|width| width >= NARROWEST) {
            table.set_content_arrangement(ContentArrangement::Dynamic);
        }
        if !self.header.is_empty() {
            table.set_header(&self.header);
        }
        for row in &self.rows {
            table.add_row(row);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use web::words::Language;

    use super::*;

    #[test]
    fn chinese_and_latin_columns_stand_under_each_other() {
        let mut table = Table::new(&["a", "b"], Words::new(Language::English));
        table.row(["周会".to_owned(), "x".to_owned()]);
        table.row(["abcd".to_owned(), "\u{202e}y\n".to_owned()]);
        let aligned = table.aligned().trim_fmt();
        let lines: Vec<&str> = aligned.lines().collect();
        let [_, chinese, latin] = lines[..] else { panic!("three lines: {lines:?}") };
        // Two characters of two columns each.
        assert_eq!(chinese.find('x').map(|at| at - "周会".len() + 4), latin.find('y'));
    }
}
