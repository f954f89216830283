using FedLab.Client.Resources;

namespace FedLab.Client.Labs;

/// <summary>
/// The folder of a local lab. In production every home below <c>lab/</c> is on a machine of its own institution.
/// <code>
///   run.json            what was run, for `fedlab score`; written last: a folder without it holds no finished run
///   report.json         the figures
///   run.log             what happened
///   model/              manifest.json, signatures.json: what is published
///   audit/              the bundle that `fedlab audit verify` checks
///   data/               the demo's generated files
///   lab/authority/      the lab's certificate authority
///   lab/lead/           identity of the lead who launches runs
///   lab/coordinator/    home of the coordinator
///   lab/parties/NAME/   home of each institution: its keys, its share of the model, its log
/// </code>
/// </summary>
public sealed class LabWorkspace
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private LabWorkspace(string root) => Root = root;

    /// <summary>The folder, absolute.</summary>
    public string Root { get; }

    /// <summary>What was run; there only when the run finished.</summary>
    public string RunFile => Path.Combine(Root, "run.json");

    /// <summary>The figures of the run.</summary>
    public string ReportFile => Path.Combine(Root, "report.json");

    /// <summary>What happened, phase by phase, with the details of every party.</summary>
    public string LogFile => Path.Combine(Root, "run.log");

    /// <summary>The published model.</summary>
    public string Model => Path.Combine(Root, "model");

    /// <summary>The published manifest.</summary>
    public string ManifestFile => Path.Combine(Model, "manifest.json");

    /// <summary>The parties' signatures over the manifest.</summary>
    public string SignaturesFile => Path.Combine(Model, "signatures.json");

    /// <summary>The audit bundle.</summary>
    public string Audit => Path.Combine(Root, "audit");

    /// <summary>Generated data files.</summary>
    public string Data => Path.Combine(Root, "data");

    /// <summary>The certificate authority.</summary>
    public string Authority => Path.Combine(Root, "lab", "authority");

    /// <summary>The lead's identity.</summary>
    public string Lead => Path.Combine(Root, "lab", "lead");

    /// <summary>The coordinator's home.</summary>
    public string Coordinator => Path.Combine(Root, "lab", "coordinator");

    /// <summary>A party's home.</summary>
    /// <param name="name">Name of the party.</param>
    public string Party(string name) => Path.Combine(Root, "lab", "parties", name);

    /// <summary>Opens the folder of a lab that exists.</summary>
    /// <param name="root">The folder.</param>
    public static LabWorkspace Open(string root) => new(Path.GetFullPath(root));

    /// <summary>Checks that a new lab can be made there, without making anything.</summary>
    /// <param name="root">The folder; it may not exist yet, or be empty.</param>
    /// <exception cref="ClientException">Something is there already.</exception>
    public static void RequireVacant(string root)
    {
        if (File.Exists(root)) throw ClientException.Usage(Messages.OutIsFile(root));
        if (!Directory.Exists(root)) return;
        if (File.Exists(Path.Combine(root, "run.json"))) throw ClientException.Usage(Messages.OutHoldsRun(root));
        if (Directory.EnumerateFileSystemEntries(root).Any()) throw ClientException.Usage(Messages.OutNotEmpty(root));
    }

    /// <summary>Makes the folder of a new lab, readable by its owner only.</summary>
    /// <param name="root">The folder.</param>
    /// <exception cref="ClientException">Something is there already, or it cannot be written.</exception>
    public static LabWorkspace Create(string root)
    {
        RequireVacant(root);
        var path = Path.GetFullPath(root);
        try
        {
            if (Path.GetDirectoryName(path) is { } parent) Directory.CreateDirectory(parent);
            CreateFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientException(Messages.OutNotWritable(root, e.Message), e);
        }
        return new LabWorkspace(path);
    }

    /// <summary>Makes a folder that only its owner can enter.</summary>
    /// <param name="path">The folder.</param>
    internal static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly);
    }
}
