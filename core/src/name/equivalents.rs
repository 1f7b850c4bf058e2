//! Characters that stand for one and the same Han character under another code.

use super::composition::compatibility;

/// Stands in the tables where there is none.
const NONE: char = '〓';

/// Unified ideographs of the CJK radicals U+2E80 to U+2EF3, which texts out of PDF files have in the
/// characters' place: the property Equivalent_Unified_Ideograph of Unicode.
const OF_RADICALS: &str = "〓厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵〓旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟";

/// The same of the Kangxi radicals U+2F00 to U+2FD5.
const OF_KANGXI_RADICALS: &str = "一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺广廴廾弋弓彐彡彳心戈戶手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田疋疒癶白皮皿目矛矢石示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色艸虍虫血行衣襾見角言谷豆豕豸貝赤走足身車辛辰辵邑酉釆里金長門阜隶隹雨靑非面革韋韭音頁風飛食首香馬骨高髟鬥鬯鬲鬼魚鳥鹵鹿麥麻黃黍黑黹黽鼎鼓鼠鼻齊齒龍龜龠";

/// Today's code points of the private-use characters U+E815 to U+E864, by which GBK and the first edition
/// of GB 18030 (2000) had characters that Unicode had not; from GB 18030-2005 and 2022.
const OF_PRIVATE_USE: &str = "〓𠂇𠂉𠃌〓㑳㑇〓〓龴㖞㘚㘎〓〓㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠〓𡗗龸〓䁖䅟〓䌷〓〓〓𢦏䎱䎬〓䏝䓖䙡䙌龹䜣䜩䝼䞍〓䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻";

/// The unified ideograph that a compatibility ideograph or a radical stands for.
pub(super) fn unified(character: char) -> Option<char> {
    match character {
        '\u{2e80}'..='\u{2ef3}' => in_table(OF_RADICALS, '\u{2e80}', character),
        '\u{2f00}'..='\u{2fd5}' => in_table(OF_KANGXI_RADICALS, '\u{2f00}', character),
        _ => compatibility(character),
    }
}

/// The code point that Unicode has today for what a private-use character was agreed to be.
pub(super) fn standard(private_use: char) -> Option<char> {
    match private_use {
        '\u{e815}'..='\u{e864}' => in_table(OF_PRIVATE_USE, '\u{e815}', private_use),
        _ => None,
    }
}

fn in_table(table: &str, first: char, character: char) -> Option<char> {
    let index = u32::from(character) - u32::from(first);
    table
        .chars()
        .nth(index as usize)
        .filter(|found| *found != NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn tables_have_the_length_of_their_blocks() {
        for (table, length) in [
            (OF_RADICALS, 0x2ef4 - 0x2e80),
            (OF_KANGXI_RADICALS, 0x2fd6 - 0x2f00),
            (OF_PRIVATE_USE, 0xe865 - 0xe815),
        ] {
            assert_eq!(table.chars().count(), length);
        }
    }

    /// Unicode has the ideographs of the Kangxi radicals, and of two others, as compatibility mappings too.
    #[test]
    fn radicals_are_those_of_unicode() {
        let with_mapping = ('\u{2f00}'..='\u{2fd5}').chain(['\u{2e9f}', '\u{2ef3}']);
        for radical in with_mapping {
            let mapped = radical.to_string().nfkc().next();
            assert_eq!(unified(radical), mapped, "{radical:?}");
        }
        let ideograph = regex::Regex::new(r"^\p{Unified_Ideograph}$").expect("a pattern");
        let radical = regex::Regex::new(r"^\p{Radical}$").expect("a pattern");
        for character in '\u{2e80}'..='\u{2fdf}' {
            let is_radical = radical.is_match(&character.to_string());
            // U+2E80 has no ideograph.
            let has_one = is_radical && character != '\u{2e80}';
            let found = unified(character);
            assert_eq!(found.is_some(), has_one, "{character:?}");
            assert!(found.is_none_or(|found| ideograph.is_match(&found.to_string())));
        }
    }

    #[test]
    fn compatibility_ideographs_are_those_of_unicode() {
        for character in '\0'..=char::MAX {
            let in_unicode = character
                .to_string()
                .nfc()
                .next()
                .filter(|c| *c != character);
            let is_ideograph = matches!(u32::from(character), 0xf900..0xfb00 | 0x2f800..0x2fa20);
            if is_ideograph {
                assert_eq!(unified(character), in_unicode, "{character:?}");
            }
        }
    }

    #[test]
    fn standard_codes_are_ideographs() {
        let ideograph = regex::Regex::new(r"^\p{Unified_Ideograph}$").expect("a pattern");
        let found: Vec<char> = ('\u{e000}'..='\u{f8ff}').filter_map(standard).collect();
        assert_eq!(found.len(), 66);
        assert!(
            found
                .iter()
                .all(|found| ideograph.is_match(&found.to_string()))
        );
        assert_eq!(standard('\u{e863}'), Some('\u{4dae}'));
    }
}
