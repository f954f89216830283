using FedLab.Client.Resources;

namespace FedLab.Client.Wording;

/// <summary>
/// Who asks: what a person who is told that something is wrong has in hand to mend it. The sentences are the same for all, their advice is the caller's: an option of
/// the command line, a property of what a notebook's lab is made of, or a call of a notebook.
/// </summary>
public sealed class CallerWords
{
    private readonly string _caller;

    private CallerWords(string caller) => _caller = caller;

    /// <summary>Somebody at a terminal, with options.</summary>
    public static CallerWords CommandLine { get; } = new(nameof(CommandLine));

    /// <summary>A notebook that makes a lab of a setup's properties.</summary>
    public static CallerWords Setup { get; } = new(nameof(Setup));

    /// <summary>A notebook that calls methods.</summary>
    public static CallerWords Notebook { get; } = new(nameof(Notebook));

    /// <summary>What is being made, as the subject of a sentence.</summary>
    internal string Subject => Advice.Text(_caller, nameof(Subject));

    /// <summary>How another institution is added: a sentence.</summary>
    internal string AddParty => Advice.Text(_caller, nameof(AddParty));

    /// <summary>Where the path of an institution's file is looked at again.</summary>
    internal string CheckFile => Advice.Text(_caller, nameof(CheckFile));

    /// <summary>How banks are chosen, or another model than logistic regression.</summary>
    internal string BanksOrTrees => Advice.Text(_caller, nameof(BanksOrTrees));

    /// <summary>How two banks are allowed.</summary>
    internal string AllowTwoBanks => Advice.Text(_caller, nameof(AllowTwoBanks));

    /// <summary>How a folder is named.</summary>
    internal string GiveFolder => Advice.Text(_caller, nameof(GiveFolder));

    /// <summary>How a new folder is named.</summary>
    internal string NewFolder => Advice.Text(_caller, nameof(NewFolder));

    /// <summary>How another folder is named.</summary>
    internal string OtherFolder => Advice.Text(_caller, nameof(OtherFolder));
}
