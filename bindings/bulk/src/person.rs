//! Whom a row is about, and what is to be made of it: the same for the plan, the run and the report.

use crate::input::{Input, InputError, Row, RowProblem};
use crate::journal::Key;
use idcard_verification::{InputProblemKind, LedgerKeys, VerifyRequest};

/// How many numbers may end in zeros before a spreadsheet is suspected of having rounded them: so many, and one of so
/// many rows.
const PLAUSIBLE: u64 = 3;
const PLAUSIBLE_OF: u64 = 400;
/// Of so many real numbers one ends in zeros.
const CHANCE: u64 = 1_100;

/// What a file holds, without anything of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Survey {
    /// Rows that are not blank.
    pub rows: u64,
    /// Rows that could be asked.
    pub well_formed: u64,
    /// Rows that are nobody's number and name.
    pub malformed: u64,
    /// Rows that a spreadsheet damaged.
    pub damaged: u64,
    /// Of the well-formed rows those that say the same as an earlier one.
    pub duplicates: u64,
    /// Rows of which there is something to say: what was mended, private-use characters.
    pub noted: u64,
    /// Kinds of problems, how many rows have each, and the line of the first.
    pub problems: Vec<(String, u64, u64)>,
    /// Whether numbers that end in zeros are refused: there are too many of them.
    pub refuses_rounded: bool,
}

/// Decides about rows.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) keys: LedgerKeys,
    pub(crate) refuses_rounded: bool,
}

impl People {
    /// The request and the key of a row, or what is wrong with it.
    pub(crate) fn of(&self, row: &Row) -> Result<(VerifyRequest, Key), RowProblem> {
        let person = row.person.as_ref().map_err(Clone::clone)?;
        if row.is_doubtful && self.refuses_rounded {
            return Err(RowProblem::rounded());
        }
        let request = VerifyRequest::new(&person.id_number, &person.name);
        let key = Key(self.keys.of_request(&request));
        Ok((request, key))
    }

    /// Reads a file once: what it holds, and the keys of whom could be asked.
    pub(crate) fn survey(
        &mut self,
        input: &Input,
        allow_rounded: bool,
    ) -> Result<(Survey, Vec<u128>), InputError> {
        let mut survey = Survey::default();
        let (mut keys, mut doubtful) = (Vec::new(), Vec::new());
        let (mut first_doubtful, mut lost) = (0, 0);
        for row in input.rows()? {
            let row = row?;
            survey.rows += 1;
            survey.noted += u64::from(!row.notes.is_empty());
            match self.of(&row) {
                Ok((_, key)) if row.is_doubtful => {
                    if doubtful.is_empty() {
                        first_doubtful = row.line;
                    }
                    doubtful.push(u128::from_be_bytes(key.0));
                }
                Ok((_, key)) => keys.push(u128::from_be_bytes(key.0)),
                Err(problem) => {
                    let is_lost = problem.kind == InputProblemKind::DigitsLost.as_str();
                    lost += u64::from(is_lost && row.is_doubtful);
                    survey.refuse(&problem, 1, row.line);
                }
            }
        }
        let doubts = doubtful.len() as u64;
        let is_rounded = doubts > 0 && is_rounded(doubts, survey.rows, lost);
        self.refuses_rounded = !allow_rounded && is_rounded;
        survey.refuses_rounded = self.refuses_rounded;
        if self.refuses_rounded {
            survey.refuse(
                &RowProblem::rounded(),
                doubtful.len() as u64,
                first_doubtful,
            );
        } else {
            keys.extend(doubtful);
        }
        survey.well_formed = keys.len() as u64;
        keys.sort_unstable();
        keys.dedup();
        survey.duplicates = survey.well_formed - keys.len() as u64;
        Ok((survey, keys))
    }
}

/// Whether a spreadsheet has rounded numbers. Of so many rows chance makes fewer that end in zeros; or there are rows
/// that were surely rounded, of which each ten leave one with the right check digit: more than chance makes.
const fn is_rounded(doubtful: u64, rows: u64, lost: u64) -> bool {
    doubtful > PLAUSIBLE + rows / PLAUSIBLE_OF || (lost > 0 && lost * CHANCE / 10 >= rows)
}

impl Survey {
    fn refuse(&mut self, problem: &RowProblem, rows: u64, line: u64) {
        if problem.is_damage {
            self.damaged += rows;
        } else {
            self.malformed += rows;
        }
        let kind = format!("{} {}", problem.field, problem.kind);
        match self.problems.iter_mut().find(|(own, _, _)| *own == kind) {
            Some((_, count, _)) => *count += rows,
            None => self.problems.push((kind, rows, line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_numbers_of_a_large_file_are_not_taken_for_rounded() {
        for (doubtful, rows, lost, expected) in [
            (3, 3, 0, false),
            (4, 4, 0, true),
            (4, 400, 0, false),
            (5, 400, 0, true),
            (300, 300_000, 0, false),
            // A few rows were rounded, and the others end in zeros by chance.
            (300, 300_000, 5, false),
            // A part of the file was rounded.
            (300, 300_000, 2_900, true),
            (1, 9, 1, true),
        ] {
            assert_eq!(
                is_rounded(doubtful, rows, lost),
                expected,
                "{doubtful} of {rows}"
            );
        }
    }
}
