namespace FedLab.Synthesis.Tests;

public sealed class PopulationTests
{
    private static readonly SyntheticPopulation Population = SyntheticPopulation.Generate();

    [Fact]
    public void Parties_overlaps_and_industries_have_the_published_sizes()
    {
        var enterprise = Population.CreateEnterprise(SyntheticInstitution.BankA);
        var industries = new int[8];
        int a = 0, b = 0, c = 0, d = 0, ab = 0, ac = 0, bc = 0, ad = 0, cd = 0, acd = 0, abcd = 0, neither = 0;
        for (var i = 0; i < Population.EnterpriseCount; i++)
        {
            enterprise.Load(i);
            industries[enterprise.Industry]++;
            var (inA, inB, inC, inD) = (enterprise.InBankA, enterprise.InBankB, enterprise.InPublicCredit, enterprise.InSupplyChain);
            a += Count(inA);
            b += Count(inB);
            c += Count(inC);
            d += Count(inD);
            ab += Count(inA && inB);
            ac += Count(inA && inC);
            bc += Count(inB && inC);
            ad += Count(inA && inD);
            cd += Count(inC && inD);
            acd += Count(inA && inC && inD);
            abcd += Count(inA && inB && inC && inD);
            neither += Count(!inA && !inB);
        }

        Assert.Equal([33_774, 17_772, 46_956, 20_939], [a, b, c, d]);
        Assert.Equal([9_072, 31_711, 16_707, 14_451, 19_627, 13_521, 3_837, 7_526], [ab, ac, bc, ad, cd, acd, abcd, neither]);
        Assert.Equal([14_034, 14_978, 5_108, 3_494, 3_943, 4_435, 2_548, 1_460], industries);
    }

    [Fact]
    public void Defaults_have_the_published_counts_at_each_bank_and_by_quarter()
    {
        var (atA, byQuarter, shared, sharedBads, onlyA, onlyABads) = CountDefaults();
        Assert.Equal(2_143, atA);
        Assert.Equal([220, 248, 294, 270, 265, 245, 288, 313], byQuarter);
        Assert.Equal(7.07, 100.0 * sharedBads / shared, 0.005);
        Assert.Equal(6.08, 100.0 * onlyABads / onlyA, 0.005);
        var b = Population.CreateEnterprise(SyntheticInstitution.BankB);
        Assert.Equal(1_190, Enumerable.Range(0, Population.EnterpriseCount).Count(i =>
        {
            b.Load(i);
            return b.InBankB && GroundTruth.Defaults(b);
        }));
    }

    [Fact]
    public void Development_and_out_of_time_samples_have_the_published_sizes()
    {
        var enterprise = Population.CreateEnterprise(SyntheticInstitution.BankA);
        int train = 0, trainBads = 0, test = 0, testBads = 0, late = 0, lateBads = 0, smallBank = 0, smallBankBads = 0;
        var b = Population.CreateEnterprise(SyntheticInstitution.BankB);
        for (var i = 0; i < Population.EnterpriseCount; i++)
        {
            enterprise.Load(i);
            if (enterprise.InBankA && enterprise.InPublicCredit)
            {
                var bad = Count(GroundTruth.Defaults(enterprise));
                if (enterprise.Quarter >= 6) (late, lateBads) = (late + 1, lateBads + bad);
                else if (enterprise.Uniform(40) < .7) (train, trainBads) = (train + 1, trainBads + bad);
                else (test, testBads) = (test + 1, testBads + bad);
            }

            b.Load(i);
            if (b.InBankB && b.Uniform(42) < .06) (smallBank, smallBankBads) = (smallBank + 1, smallBankBads + Count(GroundTruth.Defaults(b)));
        }

        Assert.Equal([16_654, 1_013, 7_099, 430, 7_958, 562], [train, trainBads, test, testBads, late, lateBads]);
        Assert.Equal([1_032, 74], [smallBank, smallBankBads]);
    }

    [Fact]
    public void Spot_checks_of_single_enterprises_hold()
    {
        var e = Population.CreateEnterprise(SyntheticInstitution.BankA);
        e.Load(0);
        double[] factors = [-.9424690786, .6865681592, .7429734019, .0983612585, -.0216773128];
        for (var k = 0; k < 5; k++) Assert.Equal(factors[k], e.Factors[k], 5e-11);
        Assert.Equal("CFEGILHA".IndexOf('F'), e.Industry);
        Assert.Equal("330200"u8.ToArray(), e.Region.ToArray());
        Assert.Equal(2, e.Quarter);
        Assert.Equal((false, false, true, true), (e.InBankA, e.InBankB, e.InPublicCredit, e.InSupplyChain));
        Assert.Equal(.2964323073, e.BankScore(Scores.Utilisation), 5e-11);
        Assert.Equal(662, Value(SyntheticInstitution.BankA, "util_pct", e));
        Assert.Equal(53, Value(SyntheticInstitution.PublicCredit, "est_months", e));
        Assert.Equal(26, Value(SyntheticInstitution.PublicCredit, "ss_headcount", e));
        Assert.Equal(2, Value(SyntheticInstitution.PublicCredit, "tax_grade", e));
        Assert.Equal(910, Value(SyntheticInstitution.SupplyChain, "sc_ontime_rate", e));
        Assert.Equal(-2.843816, GroundTruth.Margin(e), 5e-7);
        Assert.Equal(.055002, 1 / (1 + Math.Exp(-GroundTruth.Margin(e))), 5e-7);
        Assert.False(GroundTruth.Defaults(e));

        e.Load(1);
        Assert.Equal("CFEGILHA".IndexOf('E'), e.Industry);
        Assert.Equal("440300"u8.ToArray(), e.Region.ToArray());
        Assert.Equal(5, e.Quarter);
        Assert.Equal((true, false, true, false), (e.InBankA, e.InBankB, e.InPublicCredit, e.InSupplyChain));
        Assert.Equal(-3.349561, GroundTruth.Margin(e), 5e-7);

        e.Load(2);
        Assert.Equal((true, true, true, false), (e.InBankA, e.InBankB, e.InPublicCredit, e.InSupplyChain));
        Assert.Equal(4, e.Quarter);
        Assert.Equal(59, Value(SyntheticInstitution.BankA, "dpd_max_12m", e));
        Assert.Equal(SyntheticColumn.Missing, Value(SyntheticInstitution.PublicCredit, "ss_headcount", e));
        Assert.Equal(-3.240659, GroundTruth.Margin(e), 5e-7);
    }

    private static long Value(SyntheticInstitution institution, string column, Enterprise enterprise) =>
        institution.Columns.Single(c => c.Name == column).ScaledValue(enterprise);

    private static (int Bads, int[] ByQuarter, int Shared, int SharedBads, int OnlyA, int OnlyABads) CountDefaults()
    {
        var e = Population.CreateEnterprise(SyntheticInstitution.BankA);
        var byQuarter = new int[8];
        int shared = 0, sharedBads = 0, onlyA = 0, onlyABads = 0;
        for (var i = 0; i < Population.EnterpriseCount; i++)
        {
            e.Load(i);
            if (!e.InBankA) continue;
            var bad = Count(GroundTruth.Defaults(e));
            byQuarter[e.Quarter] += bad;
            if (e.InBankB) (shared, sharedBads) = (shared + 1, sharedBads + bad);
            else (onlyA, onlyABads) = (onlyA + 1, onlyABads + bad);
        }

        return (byQuarter.Sum(), byQuarter, shared, sharedBads, onlyA, onlyABads);
    }

    private static int Count(bool x) => x ? 1 : 0;
}
