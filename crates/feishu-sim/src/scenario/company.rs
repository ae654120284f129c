//! `company`: a dozen people and some forty recordings, with every trouble a real archive meets.
//!
//! Recordings that events announce are spread over the last weeks. Those that only a patrol finds
//! were made within the last hour and a half, as a patrol's window would have it.

use super::{
    Access, Announce, Artifacts, Clip, Expect, MediaSpec, Meeting, Minute, MoovAt, Person, Rights, Scenario,
};
use crate::clock::{DAY, HOUR, MINUTE, SECOND};

const MIB: u64 = 1024 * 1024;

pub(super) fn company() -> Scenario {
    Scenario { people: people(), minutes: minutes(), meetings: unrecorded_meetings(), ..Scenario::default() }
}

fn people() -> Vec<Person> {
    let person = |name: &str, en_name: &str, department: &str| Person {
        name: name.to_owned(),
        en_name: en_name.to_owned(),
        department: department.to_owned(),
        email: Some(format!("{}@example.com", en_name.to_lowercase().replace(' ', "."))),
        ..Person::default()
    };
    vec![
        Person { meeting_admin: true, ..person("张伟", "Zhang Wei", "信息技术部") },
        person("王芳", "Wang Fang", "产品部"),
        person("李娜", "Li Na", "产品部"),
        person("刘洋", "Liu Yang", "研发部"),
        person("陈静", "Chen Jing", "研发部"),
        person("杨磊", "Yang Lei", "市场部"),
        person("赵敏", "Zhao Min", "人力资源部"),
        person("黄涛", "Huang Tao", "销售部"),
        person("欧阳雪", "Ouyang Xue", "法务部"),
        person("Emily Carter", "Emily Carter", "海外业务部"),
        Person { authorises: false, ..person("周杰", "Zhou Jie", "销售部") },
        Person { authorises: false, ..person("吴桐", "Wu Tong", "财务部") },
    ]
}

/// A recording of `owner` that ends well.
fn minute(owner: &str, title: &str, announce: Announce, ago_ms: i64, media: MediaSpec) -> Minute {
    Minute {
        owner: owner.to_owned(),
        title: title.to_owned(),
        announce,
        created_ago_ms: ago_ms,
        media: Some(media),
        expect: Some(Expect::Archived),
        ..Minute::default()
    }
}

fn meeting_clip() -> MediaSpec {
    MediaSpec::Clip { clip: Clip::Meeting, pad_bytes: 0 }
}

fn bars() -> MediaSpec {
    MediaSpec::Clip { clip: Clip::Bars, pad_bytes: 0 }
}

fn voice() -> MediaSpec {
    MediaSpec::Clip { clip: Clip::Voice, pad_bytes: 0 }
}

fn padded(mib: u64) -> MediaSpec {
    MediaSpec::Clip { clip: Clip::Bars, pad_bytes: mib * MIB }
}

fn generated(mib: u64, moov: MoovAt) -> MediaSpec {
    MediaSpec::Generated { bytes: mib * MIB, moov, audio: false }
}

fn viewed_by(people: &[&str], minute: Minute) -> Minute {
    Minute { viewers: people.iter().map(|&name| name.to_owned()).collect(), ..minute }
}

/// With what was said there, a line each four seconds, and what the platform's AI made of it.
fn saying(lines: &[&str], artifacts: Artifacts, minute: Minute) -> Minute {
    let transcript = lines.iter().map(|&line| line.to_owned()).collect();
    Minute { transcript, artifacts: Some(artifacts), ..minute }
}

fn notes(summary: &str, chapters: &[&str], todos: &[(&str, &str)]) -> Artifacts {
    let todo = |&(what, who): &(&str, &str)| (what.to_owned(), vec![who.to_owned()]);
    Artifacts {
        summary: summary.to_owned(),
        chapters: chapters.iter().map(|&title| title.to_owned()).collect(),
        todos: todos.iter().map(todo).collect(),
        keywords: Vec::new(),
    }
}

fn product_meeting() -> Minute {
    let lines = [
        "大家好，我们先过一遍 Q4 的规划。",
        "第一件事是预算，上个季度超了百分之八。",
        "数据库迁移放到十二月，不影响双十一。",
        "中文GPT5 的接入，由李娜出方案。",
        "好，下周三之前把排期发到群里。",
    ];
    let made_of_it = notes(
        "确定了 Q4 的三项重点：控制预算；数据库迁移放到十二月；李娜负责中文GPT5 的接入方案。",
        &["预算", "数据库迁移", "接入方案与排期"],
        &[("整理上季度的预算明细", "王芳"), ("输出中文GPT5 接入方案", "李娜"), ("下周三前同步排期", "刘洋")],
    );
    let minute = minute("王芳", "产品周会：Q4 规划 / 复盘", Announce::RecordingReady, 35 * DAY, padded(3));
    viewed_by(&["李娜", "刘洋"], saying(&lines, made_of_it, minute))
}

fn interview() -> Minute {
    let lines = [
        "您平时一周会用几次？",
        "差不多每天都用，开会前先看上次的纪要。",
        "最不满意的地方是什么？",
        "搜索。有时候只记得一句话，想不起是哪次会。",
        "如果能直接搜到那句话呢？",
        "那就太好了，我会推荐给整个部门。",
        "谢谢，我们下个月再约一次。",
    ];
    let made_of_it = notes(
        "用户每天使用，最大的不满是搜索；愿意推荐给部门。",
        &["使用习惯", "不满与期望"],
        &[("下个月回访", "李娜")],
    );
    saying(&lines, made_of_it, minute("李娜", "用户访谈（第三轮）", Announce::Generated, 33 * DAY, voice()))
}

fn requirements() -> Minute {
    let lines = [
        "先冻结数据库字段，再评审接口。",
        "预算不变，人手从下周开始到位。",
        "There is one open point left: the export format.",
    ];
    let made_of_it = notes(
        "字段先冻结，接口后评审；预算不变。",
        &["字段与接口", "预算与人手"],
        &[("确定导出格式", "王芳")],
    );
    saying(&lines, made_of_it, minute("王芳", "需求评审", Announce::Generated, 8 * DAY, meeting_clip()))
}

fn expecting(expect: Expect, minute: Minute) -> Minute {
    Minute { expect: Some(expect), ..minute }
}

fn minutes() -> Vec<Minute> {
    let mut minutes = ordinary();
    minutes.extend(nasty_titles());
    minutes.extend(troubles());
    minutes.extend(found_by_patrol());
    minutes
}

fn ordinary() -> Vec<Minute> {
    use Announce::{Generated, MeetingEnded, RecordingReady};
    vec![
        product_meeting(),
        interview(),
        minute("刘洋", "架构评审：存储引擎", MeetingEnded, 30 * DAY, generated(24, MoovAt::Front)),
        minute("陈静", "Sprint 27 回顾会", RecordingReady, 28 * DAY, bars()),
        minute("陈静", "线上故障复盘 2026-10", Generated, 26 * DAY, generated(8, MoovAt::End)),
        minute("杨磊", "双十一投放方案", MeetingEnded, 21 * DAY, meeting_clip()),
        minute("赵敏", "新员工入职培训", RecordingReady, 20 * DAY, padded(12)),
        minute("黄涛", "客户电话录音 13:40", Generated, 19 * DAY, voice()),
        minute("欧阳雪", "合同条款讨论", MeetingEnded, 16 * DAY, bars()),
        minute("Emily Carter", "APAC weekly sync", RecordingReady, 15 * DAY, meeting_clip()),
        minute("Emily Carter", "Partner onboarding – café session", Generated, 14 * DAY, bars()),
        minute("张伟", "机房搬迁启动会", RecordingReady, 12 * DAY, padded(1)),
        // The big one.
        minute("张伟", "年度全员大会（完整录像）", MeetingEnded, 9 * DAY, generated(200, MoovAt::Front)),
        requirements(),
        minute("刘洋", "代码走查", RecordingReady, 7 * DAY, bars()),
        minute("李娜", "设计评审会", MeetingEnded, 6 * DAY, generated(5, MoovAt::End)),
    ]
}

fn nasty_titles() -> Vec<Minute> {
    use Announce::{Generated, MeetingEnded, RecordingReady};
    let long = "很长的会议标题".repeat(50).chars().take(300).collect::<String>();
    vec![
        minute("王芳", &long, Generated, 5 * DAY, bars()),
        minute("刘洋", "../../etc/passwd\\..\\x", Generated, 5 * DAY - HOUR, bars()),
        minute(
            "陈静",
            "发布会🎉👩‍👩‍👧‍👦 直播 <复盘> \"引号\" | 管道 ? *",
            RecordingReady,
            5 * DAY - 2 * HOUR,
            bars(),
        ),
        minute("杨磊", "\u{202e}4pm.סרטון فيديو\u{202c} 混排", Generated, 4 * DAY, bars()),
        minute("赵敏", "...隐藏文件", MeetingEnded, 4 * DAY - HOUR, bars()),
        minute("黄涛", "CON", Generated, 4 * DAY - 2 * HOUR, voice()),
        minute("欧阳雪", "第一行\n第二行\t制表\u{0}零字节\u{7f}", RecordingReady, 3 * DAY, bars()),
        minute("Emily Carter", "   ", Generated, 3 * DAY - HOUR, bars()),
        // Two of one title in the same minute of time, of one person.
        minute("王芳", "站会", Generated, 2 * DAY, bars()),
        minute("王芳", "站会", MeetingEnded, 2 * DAY - SECOND, meeting_clip()),
    ]
}

fn troubles() -> Vec<Minute> {
    use Announce::{Generated, MeetingEnded, RecordingReady};
    let forbid_media = Rights { media: Access::Nobody, ..Rights::default() };
    let forbid_transcript = Rights { transcript: Access::Nobody, ..Rights::default() };
    vec![
        Minute {
            ready_after_ms: 8 * SECOND,
            ..minute("李娜", "刚结束的评审（转写中）", Generated, 3 * MINUTE, bars())
        },
        Minute {
            ready_after_ms: 5 * SECOND,
            recording_after_ms: 3 * SECOND,
            ..minute("陈静", "刚结束的面试（录制生成中）", MeetingEnded, 2 * MINUTE, meeting_clip())
        },
        expecting(
            Expect::Denied,
            Minute {
                rights: forbid_media,
                ..minute("欧阳雪", "保密：并购讨论（禁止导出）", RecordingReady, DAY, bars())
            },
        ),
        Minute {
            rights: forbid_transcript,
            ..minute("赵敏", "绩效沟通（文字禁止导出）", Generated, DAY - HOUR, bars())
        },
        // The owner's export is off, a participant's is not.
        viewed_by(
            &["黄涛"],
            Minute {
                rights: Rights { media: Access::Only(vec!["黄涛".to_owned()]), ..Rights::default() },
                ..minute("杨磊", "渠道大会（由同事导出）", MeetingEnded, DAY - 2 * HOUR, bars())
            },
        ),
        expecting(
            Expect::Gone,
            Minute {
                deleted: true, ..minute("黄涛", "误录的会议", RecordingReady, 20 * HOUR, bars())
            },
        ),
        // The platform never made a file of it.
        expecting(
            Expect::NoMedia,
            Minute {
                media: None,
                transcript: Vec::new(),
                artifacts: None,
                duration_ms: Some(3 * SECOND),
                ..minute("刘洋", "试音", Generated, 19 * HOUR, bars())
            },
        ),
        // Their owners refuse to authorise; a participant makes up for one of them, nobody for the others.
        viewed_by(&["王芳", "李娜"], minute("周杰", "大客户谈判", RecordingReady, 18 * HOUR, meeting_clip())),
        expecting(Expect::Waiting, minute("周杰", "销售晨会", MeetingEnded, 17 * HOUR, bars())),
        expecting(
            Expect::Waiting,
            viewed_by(&["周杰"], minute("吴桐", "预算会", RecordingReady, 16 * HOUR, bars())),
        ),
    ]
}

fn found_by_patrol() -> Vec<Minute> {
    use Announce::None;
    vec![
        minute("张伟", "临时会议", None, 80 * MINUTE, bars()),
        minute("王芳", "上传的线下访谈", None, 70 * MINUTE, voice()),
        minute("刘洋", "Pair programming", None, 60 * MINUTE, generated(2, MoovAt::Front)),
        minute("杨磊", "广告片审看", None, 50 * MINUTE, padded(2)),
        minute("Emily Carter", "1:1 with 张伟", None, 40 * MINUTE, meeting_clip()),
        Minute {
            transcript: Vec::new(),
            artifacts: Option::None,
            ..minute("赵敏", "静音测试（无文字）", None, 30 * MINUTE, voice())
        },
    ]
}

fn unrecorded_meetings() -> Vec<Meeting> {
    let meeting = |owner: &str, topic: &str| Meeting {
        owner: owner.to_owned(),
        topic: topic.to_owned(),
        ..Meeting::default()
    };
    vec![meeting("张伟", "未录制的碰头会"), meeting("周杰", "午餐会")]
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn has_every_trouble_it_promises() {
        let scenario = company().resolved(1_800_000_000_000);
        assert_eq!(scenario.people.len(), 12);
        assert!((38..=45).contains(&scenario.minutes.len()), "{}", scenario.minutes.len());

        let mut outcomes = BTreeMap::new();
        for minute in &scenario.minutes {
            *outcomes.entry(minute.expect.unwrap()).or_insert(0) += 1;
        }
        assert_eq!(outcomes[&Expect::Denied], 1);
        assert_eq!(outcomes[&Expect::Gone], 1);
        assert_eq!(outcomes[&Expect::NoMedia], 1);
        assert_eq!(outcomes[&Expect::Waiting], 2);

        let tokens: BTreeSet<_> = scenario.minutes.iter().map(|minute| &minute.token).collect();
        assert_eq!(tokens.len(), scenario.minutes.len(), "tokens differ");
        assert!(tokens.iter().all(|token| token.len() == 24));
    }

    #[test]
    fn two_of_one_title_were_made_in_the_same_minute() {
        let now_ms = 1_800_000_030_000;
        let scenario = company().resolved(now_ms);
        let made: Vec<_> = scenario
            .minutes
            .iter()
            .filter(|minute| minute.title == "站会")
            .filter_map(|minute| minute.created_ms)
            .map(|ms| ms / MINUTE)
            .collect();
        assert_eq!(made.len(), 2);
        assert_eq!(made[0], made[1]);
    }

    #[test]
    fn waiting_recordings_are_those_nobody_who_authorises_can_see() {
        let scenario = company();
        let authorises =
            |name: &String| scenario.people.iter().any(|person| &person.name == name && person.authorises);
        for minute in &scenario.minutes {
            let reachable = authorises(&minute.owner) || minute.viewers.iter().any(authorises);
            assert_eq!(minute.expect == Some(Expect::Waiting), !reachable, "{}", minute.title);
        }
    }
}
