namespace FedLab.Synthesis;

/// <summary>A bank of <see cref="SyntheticBanks"/>: whom it lends to and how many of them it knows.</summary>
public sealed class SyntheticBank
{
    internal SyntheticBank(string name, string chineseName, string englishName, Portfolio portfolio, int[] enterprises)
    {
        Name = name;
        ChineseName = chineseName;
        EnglishName = englishName;
        Portfolio = portfolio;
        Enterprises = enterprises;
    }

    /// <summary>Name in specifications and files, for example "bank-a".</summary>
    public string Name { get; }

    /// <summary>What it is called in Chinese.</summary>
    public string ChineseName { get; }

    /// <summary>What it is called in English.</summary>
    public string EnglishName { get; }

    /// <summary>Rows of its file, one for each borrower.</summary>
    public int Rows => Enterprises.Length;

    internal Portfolio Portfolio { get; }

    /// <summary>Indexes of its borrowers in the population, in the order of its file.</summary>
    internal int[] Enterprises { get; }
}
