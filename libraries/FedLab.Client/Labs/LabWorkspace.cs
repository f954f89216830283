using FedLab.Client.Resources;
using FedLab.Client.Wording;

namespace FedLab.Client.Labs;

/// <summary>
/// The folder of a local lab. In production every home below <c>lab/</c> is on a machine of its own institution.
/// <code>
///   run.json            what was run, for `fedlab score`; written last: a folder without it holds no finished run
///   report.json         the figures
///   run.log             what happened
///   model/              manifest.json, signatures.json: what is published; between banks also model.json and model.onnx
///   audit/              the bundle that `fedlab audit verify` checks
///   data/               the demo's generated files
///   lab/lead/           identity of the lead who launches runs
///   lab/coordinator/    home of the coordinator, with the lab's certificate authority
///   lab/parties/NAME/   home of each institution: its keys, its share of the model, its log
/// </code>
/// </summary>
public sealed class LabWorkspace
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private LabWorkspace(string root, bool isNew = false) => (Root, IsNew) = (root, isNew);

    /// <summary>The folder, absolute.</summary>
    public string Root { get; }

    /// <summary>Whether the folder itself was made with this workspace; otherwise it was there before.</summary>
    internal bool IsNew { get; }

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

    /// <summary>Between banks: the model, which scores alone.</summary>
    public string ModelFile => Path.Combine(Model, "model.json");

    /// <summary>Between banks: the model for other software.</summary>
    public string OnnxFile => Path.Combine(Model, "model.onnx");

    /// <summary>The audit bundle.</summary>
    public string Audit => Path.Combine(Root, "audit");

    /// <summary>Generated data files.</summary>
    public string Data => Path.Combine(Root, "data");

    /// <summary>The certificate authority.</summary>
    public string Authority => Path.Combine(Coordinator, "authority");

    /// <summary>The lead's identity.</summary>
    public string Lead => Path.Combine(Root, "lab", "lead");

    /// <summary>The coordinator's home.</summary>
    public string Coordinator => Path.Combine(Root, "lab", "coordinator");

    /// <summary>A party's home.</summary>
    /// <param name="name">Name of the party.</param>
    public string Party(string name) => Path.Combine(Root, "lab", "parties", name);

    /// <summary>What a party keeps of a run.</summary>
    /// <param name="name">Name of the party.</param>
    /// <param name="run">Identifier of the run.</param>
    public string PartyRun(string name, string run) => Path.Combine(Party(name), "runs", run);

    /// <summary>Opens the folder of a lab that exists.</summary>
    /// <param name="root">The folder.</param>
    public static LabWorkspace Open(string root) => new(Path.GetFullPath(root));

    /// <summary>Checks that a new lab can be made there, without making anything.</summary>
    /// <param name="root">The folder; it may not exist yet, or be empty.</param>
    /// <param name="caller">Who asks; somebody at a terminal by default.</param>
    /// <exception cref="ClientException">Something is there already.</exception>
    public static void RequireVacant(string root, CallerWords? caller = null)
    {
        caller ??= CallerWords.CommandLine;
        if (File.Exists(root)) throw ClientException.Usage(Messages.OutIsFile(root, caller));
        if (!Directory.Exists(root)) return;
        if (File.Exists(Path.Combine(root, "run.json"))) throw ClientException.Usage(Messages.OutHoldsRun(root, caller));
        if (Directory.EnumerateFileSystemEntries(root).Any()) throw ClientException.Usage(Messages.OutNotEmpty(root, caller));
    }

    /// <summary>Makes the folder of a new lab, readable by its owner only.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="caller">Who asks; somebody at a terminal by default.</param>
    /// <exception cref="ClientException">Something is there already, or it cannot be written.</exception>
    public static LabWorkspace Create(string root, CallerWords? caller = null)
    {
        RequireVacant(root, caller);
        var path = Path.GetFullPath(root);
        var isNew = !Directory.Exists(path);
        try
        {
            if (Path.GetDirectoryName(path) is { } parent) Directory.CreateDirectory(parent);
            CreateFolder(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClientException(Messages.OutNotWritable(root, e.Message, caller ?? CallerWords.CommandLine), e);
        }
        return new LabWorkspace(path, isNew);
    }

    /// <summary>Removes the homes, the data and some files from the folder; the folder itself, too, when it was made for them and holds nothing else.</summary>
    /// <param name="files">Names of the files, those first by which a lab is found.</param>
    /// <returns>False when something could not be removed.</returns>
    internal bool Clear(IEnumerable<string> files)
    {
        try
        {
            foreach (var file in files) File.Delete(Path.Combine(Root, file));
            foreach (var folder in (string[])[Path.Combine(Root, "lab"), Data])
            {
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
            if (IsNew && !Directory.EnumerateFileSystemEntries(Root).Any()) Directory.Delete(Root);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Makes a folder that only its owner can enter.</summary>
    /// <param name="path">The folder.</param>
    internal static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, OwnerOnly);
    }
}
