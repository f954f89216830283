using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;

namespace FedLab.Synthesis.Tests;

public sealed class FileTests(GeneratedFiles files) : IClassFixture<GeneratedFiles>
{
    /// <summary>p5, p50, p95 of the specification, on the institution's own rows without the missing ones.</summary>
    public static TheoryData<string, string, double, double, double> Percentiles => new()
    {
        { "bank-a", "avg_bal_90d", 7081, 62231, 535909 },
        { "bank-a", "inflow_12m", 455216, 2823196, 17298201 },
        { "bank-a", "inflow_cv_12m", 0.225, 0.47, 0.982 },
        { "bank-a", "util_pct", 9, 55.4, 94.7 },
        { "bank-a", "enq_3m", 0, 1, 5 },
        { "bank-a", "dpd_max_12m", 0, 0, 18 },
        { "bank-a", "n_products", 1, 2, 4 },
        { "bank-a", "acct_age_m", 12, 37, 117 },
        { "bank-a", "out_in_ratio_30d", 0.73, 0.98, 1.32 },
        { "bank-a", "payroll_flag", 0, 0, 1 },
        { "bank-a", "loan_amount", 149000, 558000, 2087700 },
        { "bank-a", "rate_pct", 3.43, 4.33, 5.23 },
        { "public-credit", "est_months", 18, 61, 208 },
        { "public-credit", "reg_cap_wan", 21, 148, 1078 },
        { "public-credit", "legal_rep_chg_24m", 0, 0, 1 },
        { "public-credit", "abnormal_flag", 0, 0, 0 },
        { "public-credit", "equity_pledge_flag", 0, 0, 1 },
        { "public-credit", "ss_headcount", 2, 10, 52 },
        { "public-credit", "gjj_headcount", 2, 9, 44.9 },
        { "public-credit", "ss_headcount_yoy", -0.277, 0.02, 0.313 },
        { "public-credit", "ss_arrears_m", 0, 0, 2 },
        { "public-credit", "tax_grade", 1, 3, 4 },
        { "public-credit", "vat_sales_12m_wan", 55, 364, 2360 },
        { "public-credit", "vat_growth_yoy", -0.314, 0.051, 0.412 },
        { "public-credit", "zero_declare_12m", 0, 0, 4 },
        { "public-credit", "tax_arrears_flag", 0, 0, 1 },
        { "public-credit", "kwh_12m", 3662, 25826, 188976 },
        { "public-credit", "kwh_yoy", -0.319, 0.011, 0.337 },
        { "public-credit", "kwh_arrears_12m", 0, 0, 2 },
        { "public-credit", "jud_def_24m", 0, 0, 1 },
        { "public-credit", "jud_exec_24m", 0, 0, 2 },
        { "public-credit", "jud_exec_amt_wan", 0, 0, 11.6 },
        { "public-credit", "pen_24m", 0, 0, 1 },
        { "public-credit", "patents", 0, 0, 2 },
        { "supply-chain", "sc_tenure_m", 7, 21, 67 },
        { "supply-chain", "sc_orders_12m", 9, 44, 223 },
        { "supply-chain", "sc_amt_12m_wan", 31, 218, 1500 },
        { "supply-chain", "sc_ontime_rate", 0.48, 0.894, 0.995 },
        { "supply-chain", "sc_top1_share", 0.066, 0.424, 0.866 },
        { "supply-chain", "sc_return_rate", 0.001, 0.023, 0.155 },
        { "supply-chain", "sc_ar_days", 28, 55, 104 },
        { "supply-chain", "sc_ar_overdue_rate", 0.009, 0.115, 0.479 },
        { "supply-chain", "sc_trend_6m", -0.218, 0.031, 0.275 },
    };

    [Theory]
    [MemberData(nameof(Percentiles))]
    public void Columns_have_the_published_percentiles(string institution, string column, double p5, double p50, double p95)
    {
        var values = files[SyntheticInstitution.Find(institution)!].Numbers(column);
        Array.Sort(values);
        foreach (var (percent, expected) in new[] { (5, p5), (50, p50), (95, p95) })
        {
            // Published to about four figures; duplicate rows in the file shift a percentile by less than that.
            Assert.Equal(expected, Percentile(values, percent), 1e-3 + 3e-3 * Math.Abs(expected));
        }
    }

    [Fact]
    public void A_bank_file_has_key_date_on_request_features_and_the_label_last()
    {
        var a = files[SyntheticInstitution.BankA];
        Assert.Equal(["uscc", "obs_date", .. SyntheticInstitution.BankA.Columns.Select(c => c.Name), "default"], a.Header);
        Assert.Equal(33_774, a.Rows.Count);
        Assert.All(a.Rows, row => Assert.Equal(a.Header.Length, row.Length));
        Assert.Equal(2_143, a.Column("default").Count(v => v == "1"));
        Assert.Equal(31_631, a.Column("default").Count(v => v == "0"));
        Assert.Equal(288 + 313, a.Rows.Count(row => row[1].CompareTo("2024-09-30", StringComparison.Ordinal) >= 0 && row[^1] == "1"));
        var b = files[SyntheticInstitution.BankB];
        Assert.Equal(17_772, b.Rows.Count);
        Assert.Equal(1_190, b.Column("default").Count(v => v == "1"));
    }

    [Fact]
    public void Planted_identifier_faults_have_the_published_counts()
    {
        var publicKeys = files[SyntheticInstitution.PublicCredit].Column("uscc");
        var supplyKeys = files[SyntheticInstitution.SupplyChain].Column("uscc");
        Assert.Equal(94, publicKeys.Length - publicKeys.Distinct().Count());
        Assert.Equal(156, publicKeys.Distinct().Count(key => !HasValidCheck(key.ToUpperInvariant())));
        Assert.Equal(226, publicKeys.Distinct().Count(key => key.Any(char.IsAsciiLetterLower)));
        Assert.Equal(88, supplyKeys.Count(key => key.EndsWith(' ')));
        Assert.Equal(20_939, supplyKeys.Length);
        Assert.All(supplyKeys, key => Assert.True(HasValidCheck(key.TrimEnd())));
    }

    [Fact]
    public void Alignment_of_bank_a_and_public_credit_after_cleaning_has_the_published_size_with_and_without_case()
    {
        var bank = files[SyntheticInstitution.BankA].Column("uscc").ToHashSet();
        var valid = files[SyntheticInstitution.PublicCredit].Column("uscc").Distinct().Where(k => HasValidCheck(k.ToUpperInvariant())).ToList();
        Assert.Equal(31_599, valid.Count(key => bank.Contains(key.ToUpperInvariant())));
        Assert.Equal(31_444, valid.Count(bank.Contains));
    }

    [Fact]
    public async Task Without_identifier_faults_every_key_is_clean()
    {
        var clean = await CsvText.WriteAsync(files.Population, SyntheticInstitution.PublicCredit, new SyntheticOptions { IdentifierFaults = false });
        Assert.Equal(46_956, clean.Rows.Count);
        Assert.All(clean.Column("uscc"), key => Assert.True(HasValidCheck(key)));
    }

    [Fact]
    public async Task Leaking_column_tells_the_default_and_stands_before_the_label()
    {
        var file = await CsvText.WriteAsync(files.Population, SyntheticInstitution.BankA, new SyntheticOptions { LeakageColumn = true });
        Assert.Equal("collection_flag", file.Header[^2]);
        Assert.Equal(.9, file.Rows.Where(r => r[^1] == "1").Average(r => r[^2] == "1" ? 1.0 : 0), .02);
        Assert.Equal(.01, file.Rows.Where(r => r[^1] == "0").Average(r => r[^2] == "1" ? 1.0 : 0), .002);
    }

    [Fact]
    public async Task Special_codes_stand_exactly_where_values_are_missing()
    {
        var coded = await CsvText.WriteAsync(files.Population, SyntheticInstitution.SupplyChain, new SyntheticOptions { SpecialCodes = true });
        var plain = files[SyntheticInstitution.SupplyChain].Column("sc_trend_6m");
        var codes = coded.Column("sc_trend_6m");
        Assert.Contains("-1", codes);
        Assert.Contains("-999", codes);
        for (var i = 0; i < plain.Length; i++) Assert.Equal(plain[i].Length == 0, codes[i] is "-1" or "-999");
    }

    [Fact]
    public async Task Bank_b_under_its_own_schema_states_the_same_money_in_ten_thousands()
    {
        var own = await CsvText.WriteAsync(files.Population, SyntheticInstitution.BankB, new SyntheticOptions { OwnSchemaOfBankB = true });
        Assert.Equal(["CUST_USCC", "DAY_AVG_BAL_WAN", "IN_AMT_WAN"], own.Header[..3]);
        var wan = own.Column("DAY_AVG_BAL_WAN");
        var yuan = files[SyntheticInstitution.BankB].Column("avg_bal_90d");
        for (var i = 0; i < wan.Length; i++)
            Assert.Equal(decimal.Parse(yuan[i], CultureInfo.InvariantCulture), 10_000 * decimal.Parse(wan[i], CultureInfo.InvariantCulture));
        Assert.Equal(files[SyntheticInstitution.BankB].Column("dpd_max_12m"), own.Column("OVD_MAX"));
    }

    [Fact]
    public async Task Bytes_do_not_depend_on_the_thread_count()
    {
        var options = new SyntheticOptions { ObservationDate = true };
        foreach (var institution in SyntheticInstitution.All)
        {
            var one = await CsvText.WriteAsync(files.Population, institution, options with { DegreeOfParallelism = 1 });
            var seven = await CsvText.WriteAsync(files.Population, institution, options with { DegreeOfParallelism = 7 });
            Assert.Equal(SHA256.HashData(one.Bytes), SHA256.HashData(seven.Bytes));
            Assert.Equal(files[institution].Bytes, one.Bytes);
        }
    }

    [Fact]
    public async Task Another_seed_is_another_population_and_a_small_one_is_a_part_of_the_large_one()
    {
        var small = await CsvText.WriteAsync(SyntheticPopulation.Generate(1_000), SyntheticInstitution.BankA, new SyntheticOptions());
        var other = await CsvText.WriteAsync(SyntheticPopulation.Generate(1_000, 7), SyntheticInstitution.BankA, new SyntheticOptions());
        var large = await CsvText.WriteAsync(files.Population, SyntheticInstitution.BankA, new SyntheticOptions());
        Assert.Equal(large.Rows.Take(small.Rows.Count), small.Rows);
        Assert.NotEqual(small.Bytes, other.Bytes);
    }

    [Fact]
    public async Task A_gzipped_file_with_byte_order_mark_holds_the_same_rows()
    {
        var folder = Directory.CreateTempSubdirectory("fedlab-synthesis");
        try
        {
            var path = Path.Combine(folder.FullName, "bank-a.csv.gz");
            await files.Population.WriteCsvAsync(
                SyntheticInstitution.BankA, path, new SyntheticOptions { ObservationDate = true, ByteOrderMark = true }, TestContext.Current.CancellationToken);
            await using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            await gzip.CopyToAsync(plain, TestContext.Current.CancellationToken);
            Assert.Equal([0xEF, 0xBB, 0xBF, .. files[SyntheticInstitution.BankA].Bytes], plain.ToArray());
            Assert.Single(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_cancelled_write_leaves_no_file()
    {
        var folder = Directory.CreateTempSubdirectory("fedlab-synthesis");
        try
        {
            using var cancelled = new CancellationTokenSource();
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => files.Population.WriteCsvAsync(
                SyntheticInstitution.BankA, Path.Combine(folder.FullName, "bank-a.csv"), cancellationToken: cancelled.Token));
            Assert.Empty(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(999)]
    [InlineData(5_000_001)]
    public void Sizes_outside_the_range_are_refused(int enterprises) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticPopulation.Generate(enterprises));

    [Fact]
    public void Every_column_says_what_it_is_in_both_languages()
    {
        Assert.Equal([12, 12, 22, 9], SyntheticInstitution.All.Select(i => i.Columns.Count));
        foreach (var column in SyntheticInstitution.All.SelectMany(i => i.Columns))
        {
            Assert.Contains(column.ChineseName, c => c >= 0x4E00);
            Assert.DoesNotContain(column.EnglishName, c => c >= 0x80);
            Assert.NotEmpty(column.Unit);
        }
    }

    /// <summary>GB 32100 check over 17 signs, written apart from the generator's.</summary>
    private static bool HasValidCheck(string code)
    {
        const string Alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        if (code.Length != 18) return false;
        var (sum, weight) = (0, 1);
        foreach (var sign in code[..17])
        {
            sum += Alphabet.IndexOf(sign, StringComparison.Ordinal) * weight;
            weight = weight * 3 % 31;
        }

        return (sum + Alphabet.IndexOf(code[17], StringComparison.Ordinal)) % 31 == 0;
    }

    private static double Percentile(double[] sorted, int percent)
    {
        var position = (sorted.Length - 1) * percent / 100.0;
        var below = (int)position;
        return sorted[below] + (position - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
