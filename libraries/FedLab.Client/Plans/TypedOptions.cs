using System.Globalization;
using FedLab.Client.Resources;
using FedLab.Client.Wording;
using FedLab.Data;
using FedLab.Federation;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;

namespace FedLab.Client.Plans;

/// <summary>Reads the options that every federation has.</summary>
internal static class TypedOptions
{
    private const int MaximumParties = 32;
    private const int MaximumPartyNameLength = 64;
    private const int MaximumFolds = 1000;
    private const int MaximumMinimumCohort = 1_000_000;
    private const int MaximumPort = 65535;

    // Folder and certificate names of the lab's own programs.
    private static readonly string[] ReservedNames = ["coordinator", "lead", "authority"];

    /// <summary>Absolute paths by party, in the order given.</summary>
    public static IReadOnlyDictionary<string, string> PartyFiles(IReadOnlyList<string> texts, CallerWords caller)
    {
        var files = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == text.Length - 1) throw ClientException.Usage(Messages.PartyNotNameFile(text));
            var (name, path) = (text[..split], text[(split + 1)..]);
            if (!EnvelopeHeader.IsName(name) || name.Length > MaximumPartyNameLength) throw ClientException.Usage(Messages.PartyNameInvalid(name));
            if (ReservedNames.Contains(name, StringComparer.OrdinalIgnoreCase)) throw ClientException.Usage(Messages.PartyNameReserved(name));
            // Folders are named for the parties, and some file systems do not tell case apart.
            if (files.Keys.Contains(name, StringComparer.OrdinalIgnoreCase)) throw ClientException.Usage(Messages.PartyNamedTwice(name));
            RequireFile(name, path, caller);
            files.Add(name, Path.GetFullPath(path));
        }
        return files;
    }

    /// <summary>The same, at least two and not too many.</summary>
    public static IReadOnlyDictionary<string, string> Parties(IReadOnlyList<string> texts, CallerWords caller)
    {
        var files = PartyFiles(texts, caller);
        if (files.Count < 2) throw ClientException.Usage(Messages.PartiesTooFew(files.Count, caller));
        if (files.Count > MaximumParties) throw ClientException.Usage(Messages.PartiesTooMany(files.Count, MaximumParties));
        return files;
    }

    /// <summary>The test rows by the key's hash, <c>F/K</c>.</summary>
    public static TestRows TestFold(string? text)
    {
        if (text is null) return new TestRows();
        var parts = text.Split('/');
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var fold)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var of)
            || of < 2 || of > MaximumFolds || fold >= of)
            throw ClientException.Usage(Messages.TestFoldInvalid(text));
        return new TestRows(fold, of);
    }

    /// <summary>Format of the keys; null for detection.</summary>
    public static KeyFormat? KeyFormatOf(string text) => text switch
    {
        "auto" => null,
        "text" => KeyFormat.Text,
        "uscc" => KeyFormat.UnifiedSocialCreditCode,
        _ => throw ClientException.Usage(Messages.KeyFormatUnknown(text)),
    };

    /// <summary>Settings as <c>name=value</c>, checked and sorted by name.</summary>
    /// <param name="texts">The settings.</param>
    /// <param name="model">Kind of model.</param>
    /// <param name="banks">Number of banks; null in a vertical federation.</param>
    public static (RunSettings Parsed, IReadOnlyDictionary<string, string> Given) Settings(IReadOnlyList<string> texts, string model, int? banks)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var split = text.IndexOf('=', StringComparison.Ordinal);
            if (split <= 0 || split == text.Length - 1) throw ClientException.Usage(Messages.SettingNotNameValue(text));
            if (!given.TryAdd(text[..split], text[(split + 1)..])) throw ClientException.Usage(Messages.SettingTwice(text[..split]));
        }
        try
        {
            return (RunSettings.Parse(given, model, banks), new SortedDictionary<string, string>(given, StringComparer.Ordinal));
        }
        catch (Exception e) when (e is LearningException or ProtocolException)
        {
            throw ClientException.Usage(e.Message, e);
        }
    }

    /// <summary>Port of the coordinator.</summary>
    public static int? Port(string? text) => Number(text, MaximumPort, port => Messages.PortInvalid(port));

    /// <summary>Smallest number of rows on either side of a source's split.</summary>
    public static int? MinimumCohort(string? text) => Number(text, MaximumMinimumCohort, cohort => Messages.MinimumCohortInvalid(cohort));

    private static int? Number(string? text, int maximum, Func<string, string> message)
    {
        if (text is null) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1 || value > maximum)
            throw ClientException.Usage(message(text));
        return value;
    }

    private static void RequireFile(string party, string path, CallerWords caller)
    {
        if (Directory.Exists(path)) throw ClientException.Usage(Messages.FileIsFolder(path, party));
        if (!File.Exists(path)) throw ClientException.Usage(Messages.FileMissing(path, party, caller));
        if (!path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase))
            throw ClientException.Usage(Messages.FileKind(path, party));
    }
}
