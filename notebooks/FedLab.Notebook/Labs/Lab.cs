using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;
using FedLab.Federation.Experiments;
using FedLab.Notebook.Display;
using FedLab.Notebook.Resources;

namespace FedLab.Notebook.Labs;

/// <summary>
/// A lab as its lead sees it from a notebook: its institutions and what they have published, its runs, and new experiments. What a lab runs goes on when the
/// notebook is closed; the next session finds it again.
/// </summary>
public sealed partial class Lab : IDisposable, IRichDisplay
{
    private const int ListedRuns = 5;

    private readonly LaunchedLab? _launched;
    private readonly LabConnection _connection;
    private bool _closed;

    private Lab(LabConnection connection, Uri address, string keys, string? folder, LaunchedLab? launched, TimeProvider time)
    {
        (_connection, Address, Keys, Folder, _launched, Time) = (connection, address, keys, folder, launched, time);
    }

    /// <summary>Its name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The coordinator.</summary>
    public Uri Address { get; }

    /// <summary>Folder with the lead's keys.</summary>
    public string Keys { get; }

    /// <summary>The folder that it was opened from; null when it was reached by address and keys.</summary>
    public string? Folder { get; }

    /// <summary>The institutions and what they have published, as of the last time that they were asked for.</summary>
    public InstitutionList Institutions { get; private set; } = new([]);

    /// <summary>All published features with their institutions, as of the last time that they were asked for.</summary>
    public FeatureList Features => new(Name, Institutions);

    /// <summary>The experiment that a local lab was made for; null in other labs.</summary>
    public ExperimentSpec? Prepared { get; private set; }

    /// <summary>The connection.</summary>
    /// <exception cref="ClientException">It was closed.</exception>
    internal LabConnection Connection => _closed ? throw ClientException.Usage(LabMessages.LabClosed(Name)) : _connection;

    /// <summary>Clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>Asks again for the institutions and what they have published.</summary>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The coordinator cannot be reached, or refuses these keys.</exception>
    public async Task<IReadOnlyList<Institution>> RefreshAsync(CancellationToken cancellationToken = default)
    {
        var token = Interruption.Or(cancellationToken);
        Name = (await Connection.ListPartiesAsync(token)).Lab;
        // In the order of their enrolment, which is nobody's choice, lists and ties would differ from lab to lab.
        var order = _launched?.Parties.ToList() ?? [];
        return Institutions = new([.. (await Connection.ListInstitutionsAsync(token)).OrderBy(institution => order.IndexOf(institution.Name) is var at && at < 0 ? order.Count : at).ThenBy(institution => institution.Name, StringComparer.Ordinal)]);
    }

    /// <summary>The runs of the lab, newest first.</summary>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">The coordinator cannot be reached, or refuses these keys.</exception>
    public async Task<RunList> RunsAsync(CancellationToken cancellationToken = default) =>
        new([.. (await Connection.ListRunsAsync(Interruption.Or(cancellationToken))).Select(run => new LabRun(this, run))]);

    /// <summary>Finds a run again, also one of another session.</summary>
    /// <param name="name">
    /// The run's own name, or an experiment's, of which the newest training run is taken; a scoring run, which has the name of the experiment whose model it uses, only where there is no other.
    /// </param>
    /// <param name="cancellationToken">Ends the call; the cell's interrupt by default.</param>
    /// <exception cref="ClientException">There is no such run, or the coordinator could not be asked.</exception>
    public async Task<LabRun> FindRunAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var runs = await Connection.ListRunsAsync(Interruption.Or(cancellationToken));
        var found = runs.FirstOrDefault(run => run.Run == name) ?? runs.Where(run => run.Experiment == name).OrderBy(run => run.Scores).FirstOrDefault()
            ?? throw ClientException.Usage(LabMessages.NoSuchRun(Name, name, runs.Count == 0 ? LabMessages.NoRuns : string.Join(", ", runs.Take(ListedRuns).Select(run => run.Run))));
        // The list is without the specifications.
        return new LabRun(this, await Connection.GetRunAsync(found.Run, Interruption.Or(cancellationToken)));
    }

    /// <summary>Begins to define an experiment.</summary>
    /// <param name="name">Its name.</param>
    public Experiment Experiment(string name) => new(new LabFacts(Name, Institutions, Prepared), name, LaunchAsync);

    /// <summary>Begins to define an experiment from the one that a local lab was made for: the same institutions, features, test rows and settings.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ClientException">The lab was not made for an experiment.</exception>
    public Experiment PreparedExperiment(string name) => Experiment(name).From(Prepared ?? throw ClientException.Usage(LabMessages.NothingPrepared(Name)));

    /// <summary>The home folder of an institution of a lab that this machine holds whole. In production each institution has its own, and nobody else's.</summary>
    /// <param name="institution">Name of the institution.</param>
    /// <exception cref="ClientException">The lab is not on this machine, or has no such institution.</exception>
    public string HomeOf(string institution)
    {
        ArgumentNullException.ThrowIfNull(institution);
        var lab = _launched ?? throw ClientException.Usage(LabMessages.NotLocal(Name));
        if (!lab.Parties.Contains(institution, StringComparer.Ordinal)) throw ClientException.Usage(LabMessages.InstitutionUnknown(institution, Name, string.Join(", ", lab.Parties)));
        return lab.Workspace.Party(institution);
    }

    /// <summary>Home of the coordinator of a lab that this machine holds whole; null for others.</summary>
    internal string? CoordinatorHome => _launched?.Workspace.Coordinator;

    /// <summary>The lab that this machine holds whole; null for others.</summary>
    internal LaunchedLab? Launched => _launched;

    /// <summary>Closes the connection. The lab and its runs go on.</summary>
    public void Dispose()
    {
        _closed = true;
        _connection.Dispose();
    }

    /// <inheritdoc/>
    public MimeBundle ToMimeBundle() => Institutions.AddTo(new Page()
        .Title($"{LabMessages.Lab} {Name}")
        .Facts([(LabMessages.Address, Address.GetLeftPart(UriPartial.Authority)), (LabMessages.FolderOf, Folder is { } folder ? ShownPath.Of(folder) : null)])).ToBundle();
}
