using FsCheck.Fluent;

namespace FedLab.Data.Tests;

public sealed class EnterpriseKeyTests : TestFolder
{
    private const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    public static TheoryData<string> ValidCodes => new(
        "91350100M000100Y43", "91440300MA5FEDL13D", "91330200MA2CRED930", "92370000MA3TRAP02W", "91440300MA500009XK",
        "91330200TX0000079L", "92440300TX001K7B65", "91440300TX0037EF96", "91330200TX004TMK6R", "91310115TXN9BE6N61");

    [Theory]
    [MemberData(nameof(ValidCodes))]
    public void Valid_codes_pass_and_every_single_change_of_a_sign_or_swap_of_neighbours_fails(string code)
    {
        Assert.True(EnterpriseKey.IsValidUnifiedSocialCreditCode(code));
        for (var i = 0; i < code.Length; i++)
        {
            foreach (var sign in Alphabet + "IOSVZabc _，")
            {
                if (sign == code[i]) continue;
                Assert.False(EnterpriseKey.IsValidUnifiedSocialCreditCode(code[..i] + sign + code[(i + 1)..]));
            }

            if (i + 1 < code.Length && code[i] != code[i + 1])
                Assert.False(EnterpriseKey.IsValidUnifiedSocialCreditCode(code[..i] + code[i + 1] + code[i] + code[(i + 2)..]));
        }

        Assert.False(EnterpriseKey.IsValidUnifiedSocialCreditCode(code + "0"));
        Assert.False(EnterpriseKey.IsValidUnifiedSocialCreditCode(code[..^1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("440301103097413")]
    [InlineData("91350100m000100y43")]
    [InlineData("91350100I000100Y43")]
    public void Old_numbers_lower_case_and_foreign_letters_are_no_codes(string key) =>
        Assert.False(EnterpriseKey.IsValidUnifiedSocialCreditCode(key));

    [Theory]
    [InlineData("  91350100m000100y43\t", "91350100M000100Y43")]
    [InlineData("\u3000９１３５０１００ｍ０００１００Ｙ４３\u3000", "91350100M000100Y43")]
    [InlineData("\uFEFFabc\u00A0\u200B", "ABC")]
    [InlineData("深圳Ａ公司", "深圳A公司")]
    [InlineData("", "")]
    [InlineData(" ", "")]
    public void Normalising_gives_one_spelling(string key, string expected) => Assert.Equal(expected, EnterpriseKey.Normalise(key));

    [Fact]
    public void Normalising_twice_changes_nothing_more() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>().Filter(key => key is not null), key =>
        {
            var once = EnterpriseKey.Normalise(key);
            return EnterpriseKey.Normalise(once) == once;
        }).Search();

    [Fact]
    public void Keys_are_normalised_and_counted_and_rows_marked()
    {
        var data = Read("id,x\nabc,1\n\" DEF \",2\nＧＨＩ,3\nJKL,4\n");
        Assert.Equal(["ABC", "DEF", "GHI", "JKL"], data.Keys);
        Assert.Equal([true, true, true, false], data.KeyWasNormalised);
        Assert.Equal((1, 1, 1), (data.Report.KeysUpperCased, data.Report.KeysTrimmed, data.Report.KeysWithFullWidthCharacters));
        Assert.Contains(data.Report.Warnings, warning => warning.StartsWith("3 keys", StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_of_several_rows_with_one_key_is_kept_and_the_others_are_reported_by_line_only()
    {
        var data = Read("id,x\nsecret,1\nb,2\nSECRET,3\nc,4\n secret,5\n");
        Assert.Equal(["B", "C", "SECRET"], data.Keys);
        Assert.Equal([2, 4, 5], Numbers(data, "x"));
        var rejected = Assert.Single(data.Report.Rejected);
        Assert.Equal((RejectionReason.Duplicate, 2), (rejected.Reason, rejected.Count));
        Assert.Equal([2, 4], rejected.FirstLines);
        Assert.Equal(2, data.Report.DuplicatesDropped);
        Assert.All(data.Report.Warnings, warning => Assert.DoesNotContain("secret", warning, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Missing_and_overlong_keys_are_left_out()
    {
        var data = Read($"id,x\n,1\nNULL,2\n{new string('k', 257)},3\na,4\n{new string('k', 256)},5\n");
        Assert.Equal([4, 5], Numbers(data, "x"));
        Assert.Equal(2, data.Report.CountOf(RejectionReason.KeyMissing));
        Assert.Equal(1, data.Report.CountOf(RejectionReason.KeyTooLong));
    }

    [Fact]
    public void Credit_codes_are_recognised_and_wrong_ones_left_out()
    {
        var text = "id,x\n" + string.Concat(((IEnumerable<ITheoryDataRow>)ValidCodes).Select((row, i) => $"{row.GetData()[0]},{i}\n"))
            + "91350100M000100Y44,10\n";
        var data = Read(text);
        Assert.Equal(KeyFormat.UnifiedSocialCreditCode, data.KeyFormat);
        Assert.Equal(10, data.RowCount);
        var rejected = Assert.Single(data.Report.Rejected);
        Assert.Equal(RejectionReason.WrongCheckCharacter, rejected.Reason);
        Assert.Equal([12], rejected.FirstLines);
        Assert.Equal(11, Read(text, o => o with { KeyFormat = KeyFormat.Text }).RowCount);
        Assert.Equal(1, Read(text + "440301103097413,11\n").Report.CountOf(RejectionReason.NotACreditCode));
    }

    [Fact]
    public void Identity_numbers_of_persons_are_not_taken_for_credit_codes()
    {
        // 18 digits each, the shape of a credit code, with the check digit of GB 11643.
        var data = Read("id,x\n110101199003070118,1\n110101199003070396,2\n11010119900307015X,3\n110101199003070177,4\n");
        Assert.Equal(KeyFormat.Text, data.KeyFormat);
        Assert.Equal(4, data.RowCount);
    }
}
