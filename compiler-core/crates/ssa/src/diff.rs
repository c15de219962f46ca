//! Two texts as one with marks: what a pass took away and put in.

/// Products of line counts up to which the shortest difference is looked for; guessed.
const CELLS_MAX: usize = 4_000_000;

/// The lines of both texts: ` ` before what they share, `-` and `+` before what only the first
/// and only the second has.
pub fn lines(before: &str, after: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = |(x, y): &(&&str, &&str)| x == y;
    let head = a.iter().zip(&b).take_while(same).count();
    let rest = a.len().min(b.len()) - head;
    let tails = a.iter().rev().zip(b.iter().rev());
    let tail = tails.take(rest).take_while(same).count();
    let mut out = String::new();
    let mut push = |mark: char, line: &str| {
        out.push(mark);
        out.push_str(line);
        out.push('\n');
    };
    a.iter().take(head).for_each(|line| push(' ', line));
    let old = a.get(head..a.len() - tail).unwrap_or_default();
    let new = b.get(head..b.len() - tail).unwrap_or_default();
    if old.len() * new.len() > CELLS_MAX {
        old.iter().for_each(|line| push('-', line));
        new.iter().for_each(|line| push('+', line));
    } else {
        middle(old, new, &mut push);
    }
    a.iter()
        .skip(a.len() - tail)
        .for_each(|line| push(' ', line));
    out
}

/// By the longest common subsequence.
fn middle(old: &[&str], new: &[&str], push: &mut dyn FnMut(char, &str)) {
    let width = new.len() + 1;
    let mut common = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            push(' ', old[i]);
            i += 1;
            j += 1;
        } else if j >= new.len()
            || i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]
        {
            push('-', old[i]);
            i += 1;
        } else {
            push('+', new[j]);
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn shared_lines_stay_and_others_are_marked() {
        assert_eq!(
            lines("a\nb\nc\nd\n", "a\nc\nx\nd\n"),
            " a\n-b\n c\n+x\n d\n"
        );
        assert_eq!(lines("", "a"), "+a\n");
        assert_eq!(lines("a\nb", "a\nb"), " a\n b\n");
    }
}
