namespace FedLab.Synthesis;

/// <summary>One enterprise of the population: what it is, who knows it, and its scores. Reused from row to row by one thread.</summary>
internal sealed class Enterprise(ulong seed)
{
    /// <summary>Bank-b draws the noise of the bank scores this many streams further.</summary>
    public const int BankBStreamOffset = 50;

    /// <summary>Cumulative shares of the industries C F E G I L H A (GB/T 4754 letters).</summary>
    private static readonly double[] IndustryShares = [.28, .30, .10, .07, .08, .09, .05, .03];

    private static readonly double[] ElectricityByIndustry = [.6, -.5, -.2, 0, -.3, -.6, .2, .1];
    private static readonly double[] RiskByIndustry = [0, .10, .35, .10, -.15, 0, .30, .05];
    private static readonly double[] PlatformByIndustry = [.45, .35, -.55, .25, -.55, -.55, -.55, -.55];
    private static readonly double[] RegionShares = [.30, .20, .20, .15, .15];
    private static readonly byte[][] Regions = ["440300"u8.ToArray(), "330200"u8.ToArray(), "310115"u8.ToArray(), "371000"u8.ToArray(), "320500"u8.ToArray()];

    private double _cash;
    private double _scale;
    private double _vitality;
    private double _compliance;
    private double _leverage;

    /// <summary>Index in the population.</summary>
    public int Index { get; private set; }

    /// <summary>Quarter of the observation date, 0 = 2023Q1 to 7 = 2024Q4.</summary>
    public int Quarter { get; private set; }

    /// <summary>Position of the industry letter in "CFEGILHA".</summary>
    public int Industry { get; private set; }

    public bool InBankA { get; private set; }

    public bool InBankB { get; private set; }

    public bool InPublicCredit { get; private set; }

    public bool InSupplyChain { get; private set; }

    /// <summary>0 while the row of bank-a (or of a source) is made, 50 for bank-b.</summary>
    public int BankStreamOffset { get; set; }

    /// <summary>Position of the region in the order 440300 330200 310115 371000 320500.</summary>
    public int RegionIndex => Category(11, RegionShares);

    public ReadOnlySpan<byte> Region => Regions[RegionIndex];

    public bool SoleTrader => Uniform(12) < .15;

    public double ElectricityOfIndustry => ElectricityByIndustry[Industry];

    public double RiskOfIndustry => RiskByIndustry[Industry];

    /// <summary>The factor F2.</summary>
    public double Scale => _scale;

    /// <summary>The factor F3.</summary>
    public double Vitality => _vitality;

    /// <summary>The factors F1 to F5: cash capacity, scale, vitality, compliance, leverage.</summary>
    public double[] Factors => [_cash, _scale, _vitality, _compliance, _leverage];

    /// <summary>Becomes enterprise <paramref name="index"/>.</summary>
    public void Load(int index)
    {
        Index = index;
        _cash = Normal(1);
        _scale = Normal(2);
        _vitality = Normal(3);
        _compliance = Normal(4);
        _leverage = Normal(5);
        Quarter = Math.Min(7, (int)Math.Floor(8 * Uniform(9)));
        Industry = Category(10, IndustryShares);
        var atA = .25 * _scale + Math.Sqrt(.9375) * Normal(21) > 0;
        InBankB = .15 * _scale + Math.Sqrt(.9775) * Normal(22) > .36;
        InBankA = atA || (!InBankB && Uniform(25) < .55);
        InPublicCredit = Uniform(23) < .94;
        InSupplyChain = .30 * _scale + .25 * _vitality + Math.Sqrt(.8475) * Normal(24) + PlatformByIndustry[Industry] > .30;
    }

    public double Uniform(int stream) => RandomLayer.Uniform(seed, Index, stream);

    public double Normal(int stream) => RandomLayer.Normal(seed, Index, stream);

    /// <summary>The score of a source's column.</summary>
    public double Score(FactorLoading loading) => Score(loading, 0);

    /// <summary>The score of a bank's column at the bank whose row is being made.</summary>
    public double BankScore(FactorLoading loading) => Score(loading, BankStreamOffset);

    /// <summary>Writes the unified social credit code, 18 ASCII characters.</summary>
    public void WriteIdentifier(Span<byte> code) => EnterpriseIdentifier.Write(Index, SoleTrader, Region, code);

    private double Score(FactorLoading loading, int offset) =>
        loading.Cash * _cash + loading.Scale * _scale + loading.Vitality * _vitality + loading.Compliance * _compliance
        + loading.Leverage * _leverage + loading.Own * Normal(loading.Stream + offset);

    private int Category(int stream, double[] shares)
    {
        var u = Uniform(stream);
        var sum = 0.0;
        for (var i = 0; i < shares.Length - 1; i++)
        {
            sum += shares[i];
            if (u < sum) return i;
        }

        return shares.Length - 1;
    }
}
