namespace FedLab.Synthesis;

/// <summary>An institution of the synthetic population: a bank with labels or a data source.</summary>
public sealed class SyntheticInstitution
{
    private readonly Func<Enterprise, bool> _isMember;

    private SyntheticInstitution(
        string name, string chineseName, string englishName, bool isBank, uint rowOrder, IReadOnlyList<SyntheticColumn> columns,
        Func<Enterprise, bool> isMember)
    {
        Name = name;
        ChineseName = chineseName;
        EnglishName = englishName;
        LabelColumn = isBank ? BankColumns.Label.Name : null;
        RowOrder = rowOrder;
        Columns = columns;
        _isMember = isMember;
    }

    /// <summary>Name of the enterprise identifier's column in every file.</summary>
    public const string KeyColumn = "uscc";

    /// <summary>A bank: account behaviour and defaults.</summary>
    public static SyntheticInstitution BankA { get; } =
        new("bank-a", "甲银行", "Bank A", isBank: true, 1, BankColumns.All, e => e.InBankA);

    /// <summary>A smaller bank that measures the same about its own customers.</summary>
    public static SyntheticInstitution BankB { get; } =
        new("bank-b", "乙银行", "Bank B", isBank: true, 48_611, BankColumns.All, e => e.InBankB);

    /// <summary>A public credit platform: registration, social security, tax, electricity, courts.</summary>
    public static SyntheticInstitution PublicCredit { get; } =
        new("public-credit", "公共信用平台", "Public credit platform", isBank: false, 69_313, PublicCreditColumns.All, e => e.InPublicCredit);

    /// <summary>A supply-chain platform: orders and receivables.</summary>
    public static SyntheticInstitution SupplyChain { get; } =
        new("supply-chain", "供应链平台", "Supply-chain platform", isBank: false, 104_729, SupplyChainColumns.All, e => e.InSupplyChain);

    /// <summary>All four, in the order of the specification.</summary>
    public static IReadOnlyList<SyntheticInstitution> All { get; } = [BankA, BankB, PublicCredit, SupplyChain];

    /// <summary>Name in specifications and files, for example "public-credit".</summary>
    public string Name { get; }

    /// <summary>What it is called in Chinese.</summary>
    public string ChineseName { get; }

    /// <summary>What it is called in English.</summary>
    public string EnglishName { get; }

    /// <summary>Name of the column with the default, null for a data source.</summary>
    public string? LabelColumn { get; }

    /// <summary>The features, in file order, without key and label.</summary>
    public IReadOnlyList<SyntheticColumn> Columns { get; }

    /// <summary>Rows are in the order p·<see cref="RowOrder"/> mod N (made coprime to N), so no two institutions share an order.</summary>
    internal uint RowOrder { get; }

    /// <summary>The institution of that name, or null.</summary>
    public static SyntheticInstitution? Find(string name) => All.FirstOrDefault(i => i.Name == name);

    internal bool IsMember(Enterprise enterprise) => _isMember(enterprise);
}
