//! The notes that the platform's AI made, read back from the Markdown that `fetch::summary` writes.

/// Summary, chapters and to-dos; what there is none of is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// The summary as the platform wrote it; Markdown may occur.
    pub summary: String,
    /// In the order of the recording.
    pub chapters: Vec<Chapter>,
    /// In the order of the platform.
    pub todos: Vec<Todo>,
}

/// One part of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chapter {
    /// Where it begins, ms.
    pub start_ms: i64,
    /// What it is about.
    pub title: String,
    /// What was said.
    pub summary: String,
}

/// Something to be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Todo {
    /// What.
    pub content: String,
    /// By whom, as the platform names them.
    pub assignees: String,
}

enum Section {
    Head,
    Summary,
    Chapters,
    Todos,
}

impl Notes {
    /// Reads them.
    #[must_use]
    pub fn from_markdown(markdown: &str) -> Self {
        let mut notes = Self::default();
        let mut section = Section::Head;
        for row in markdown.lines() {
            section = match row {
                "## 摘要 Summary" => Section::Summary,
                "## 章节 Chapters" => Section::Chapters,
                "## 待办 To-dos" => Section::Todos,
                _ => {
                    notes.take(&section, row);
                    continue;
                }
            };
        }
        notes.summary.truncate(notes.summary.trim_end().len());
        for chapter in &mut notes.chapters {
            chapter.summary.truncate(chapter.summary.trim_end().len());
        }
        notes
    }

    fn take(&mut self, section: &Section, row: &str) {
        match section {
            Section::Head => {}
            Section::Summary => append(&mut self.summary, row),
            Section::Chapters => match (row.strip_prefix("### ").and_then(chapter), self.chapters.last_mut())
            {
                (Some(chapter), _) => self.chapters.push(chapter),
                (None, Some(chapter)) => append(&mut chapter.summary, row),
                (None, None) => {}
            },
            Section::Todos => self.todos.extend(row.strip_prefix("- [ ] ").map(todo)),
        }
    }
}

fn append(text: &mut String, row: &str) {
    if !text.is_empty() || !row.trim().is_empty() {
        text.push_str(row);
        text.push('\n');
    }
}

/// `01:02:03 title`
fn chapter(heading: &str) -> Option<Chapter> {
    let (clock, title) = heading.split_once(' ').unwrap_or((heading, ""));
    let mut parts =
        clock.split(':').map(|part| part.parse::<i64>().ok().filter(|part| (0..100_000).contains(part)));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let start_ms = ((hours * 60 + minutes) * 60 + seconds) * 1_000;
    Some(Chapter { start_ms, title: title.trim().to_owned(), summary: String::new() })
}

/// `content（assignees）`
fn todo(row: &str) -> Todo {
    let assigned = row.strip_suffix('）').and_then(|row| row.rsplit_once('（'));
    let (content, assignees) = assigned.unwrap_or((row, ""));
    Todo { content: content.trim().to_owned(), assignees: assignees.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back() {
        let markdown = "# 周会\n\n## 摘要 Summary\n\n第一段\n\n- 第二段\n\n## 章节 Chapters\n\n### 00:01:05 开场\n\n大家好\n\n### 01:00:00 \n\n## 待办 To-dos\n\n- [ ] 写报告（王芳、李雷）\n- [ ] 散会\n";
        let notes = Notes::from_markdown(markdown);
        assert_eq!(notes.summary, "第一段\n\n- 第二段");
        let chapter = |start_ms, title: &str, summary: &str| Chapter {
            start_ms,
            title: title.to_owned(),
            summary: summary.to_owned(),
        };
        assert_eq!(notes.chapters, [chapter(65_000, "开场", "大家好"), chapter(3_600_000, "", "")]);
        let todo = |content: &str, assignees: &str| Todo {
            content: content.to_owned(),
            assignees: assignees.to_owned(),
        };
        assert_eq!(notes.todos, [todo("写报告", "王芳、李雷"), todo("散会", "")]);
        assert_eq!(Notes::from_markdown("anything else"), Notes::default());
    }
}
