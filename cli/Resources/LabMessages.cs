using System.Globalization;
using System.Resources;

namespace FedLab.Cli.Resources;

/// <summary>What the commands print that bring labs up and take them down, in the language of the current UI culture.</summary>
internal static class LabMessages
{
    private static readonly ResourceManager Manager = new("FedLab.Cli.Resources.LabMessages", typeof(LabMessages).Assembly);

    public static string UpDescription => Text(nameof(UpDescription));

    public static string UpContainersOption => Text(nameof(UpContainersOption));

    public static string UpDetachOption => Text(nameof(UpDetachOption));

    public static string EngineOption => Text(nameof(EngineOption));

    public static string UpImagesOption => Text(nameof(UpImagesOption));

    public static string UpMemoryOption => Text(nameof(UpMemoryOption));

    public static string UpNameOption => Text(nameof(UpNameOption));

    public static string UpOutOption => Text(nameof(UpOutOption));

    public static string UpPortOption => Text(nameof(UpPortOption));

    public static string UpExample1 => Text(nameof(UpExample1));

    public static string UpExample2 => Text(nameof(UpExample2));

    public static string UpExample3 => Text(nameof(UpExample3));

    public static string UpExample4 => Text(nameof(UpExample4));

    public static string UpSwarmOption => Text(nameof(UpSwarmOption));

    public static string UpConstraintOption => Text(nameof(UpConstraintOption));

    public static string UpWorkersOption => Text(nameof(UpWorkersOption));

    public static string UpExample5 => Text(nameof(UpExample5));

    public static string UpOnlySwarm(object option) => Text(nameof(UpOnlySwarm), option);

    public static string UpConstraintInvalid(object text) => Text(nameof(UpConstraintInvalid), text);

    public static string UpWorkersInvalid(object text, object most) => Text(nameof(UpWorkersInvalid), text, most);

    public static string UpOnlyContainers(object option) => Text(nameof(UpOnlyContainers), option);

    public static string UpOnlyDemo(object option) => Text(nameof(UpOnlyDemo), option);

    public static string UpOnlyFiles(object option) => Text(nameof(UpOnlyFiles), option);

    public static string UpExists(object folder, object option) => Text(nameof(UpExists), folder, option);

    public static string UpIsContainers(object folder) => Text(nameof(UpIsContainers), folder);

    public static string UpIsProcesses(object folder) => Text(nameof(UpIsProcesses), folder);

    public static string UpMemoryInvalid(object text, object least, object most) => Text(nameof(UpMemoryInvalid), text, least, most);

    public static string UpReady(object lab, object seconds) => Text(nameof(UpReady), lab, seconds);

    public static string UpEndsProcesses => Text(nameof(UpEndsProcesses));

    public static string UpEndsContainers => Text(nameof(UpEndsContainers));

    public static string UpDown(object command) => Text(nameof(UpDown), command);

    public static string UpRestarted => Text(nameof(UpRestarted));

    public static string UpEnded(object folder) => Text(nameof(UpEnded), folder);

    public static string UpTakenBack(object folder) => Text(nameof(UpTakenBack), folder);

    public static string UpTakenDown(object folder) => Text(nameof(UpTakenDown), folder);

    public static string DownDescription => Text(nameof(DownDescription));

    public static string DownOutOption => Text(nameof(DownOutOption));

    public static string DownExample1 => Text(nameof(DownExample1));

    public static string DownExample2 => Text(nameof(DownExample2));

    public static string DownDone(object containers, object networks, object folder) => Text(nameof(DownDone), containers, networks, folder);

    public static string DownNothing => Text(nameof(DownNothing));

    public static string DownNoFolder(object folder) => Text(nameof(DownNoFolder), folder);

    public static string DownNoLab(object folder) => Text(nameof(DownNoLab), folder);

    public static string DownNowhere(object parent) => Text(nameof(DownNowhere), parent);

    public static string DownNoProcesses(object parent) => Text(nameof(DownNoProcesses), parent);

    public static string DownSeveral(object folders) => Text(nameof(DownSeveral), folders);

    public static string ContainersDescription => Text(nameof(ContainersDescription));

    public static string ContainersListDescription => Text(nameof(ContainersListDescription));

    public static string ContainersListExample => Text(nameof(ContainersListExample));

    public static string ContainersLogsDescription => Text(nameof(ContainersLogsDescription));

    public static string ContainersLogsExample => Text(nameof(ContainersLogsExample));

    public static string ContainersRestartDescription => Text(nameof(ContainersRestartDescription));

    public static string ContainersRestartExample => Text(nameof(ContainersRestartExample));

    public static string ContainersRestarted(object party) => Text(nameof(ContainersRestarted), party);

    public static string ContainersName => Text(nameof(ContainersName));

    public static string ContainersFollowOption => Text(nameof(ContainersFollowOption));

    public static string ContainersTailOption(object usual) => Text(nameof(ContainersTailOption), usual);

    public static string ContainersTailInvalid(object text, object most) => Text(nameof(ContainersTailInvalid), text, most);

    public static string ContainersOutOption => Text(nameof(ContainersOutOption));

    public static string ContainersWhich => Text(nameof(ContainersWhich));

    public static string NoLabThere(object folder) => Text(nameof(NoLabThere), folder);

    public static string LabTitle(object lab) => Text(nameof(LabTitle), lab);

    public static string LabTitleStarting(object lab, object clock) => Text(nameof(LabTitleStarting), lab, clock);

    public static string ColumnName => Text(nameof(ColumnName));

    public static string ColumnState => Text(nameof(ColumnState));

    public static string ColumnRestarts => Text(nameof(ColumnRestarts));

    public static string ColumnUptime => Text(nameof(ColumnUptime));

    public static string ColumnProcessors => Text(nameof(ColumnProcessors));

    public static string ColumnMemory => Text(nameof(ColumnMemory));

    public static string ColumnReceived => Text(nameof(ColumnReceived));

    public static string ColumnSent => Text(nameof(ColumnSent));

    public static string StateStarting => Text(nameof(StateStarting));

    public static string StateRunning => Text(nameof(StateRunning));

    public static string StateNotConnected => Text(nameof(StateNotConnected));

    public static string StateConnected => Text(nameof(StateConnected));

    public static string StateHealthy => Text(nameof(StateHealthy));

    public static string StateUnhealthy => Text(nameof(StateUnhealthy));

    public static string StateRestarting => Text(nameof(StateRestarting));

    public static string StateGivenUp => Text(nameof(StateGivenUp));

    public static string UpExample6 => Text(nameof(UpExample6));

    public static string UpRuns(object folder, object address) => Text(nameof(UpRuns), folder, address);

    public static string SuperviseDescription => Text(nameof(SuperviseDescription));

    public static string DownEnded(object count, object folder) => Text(nameof(DownEnded), count, folder);

    public static string CatalogueDescription => Text(nameof(CatalogueDescription));

    public static string CataloguePartyOption => Text(nameof(CataloguePartyOption));

    public static string CatalogueOutOption => Text(nameof(CatalogueOutOption));

    public static string CatalogueWhich => Text(nameof(CatalogueWhich));

    public static string CatalogueNoLab(object folder) => Text(nameof(CatalogueNoLab), folder);

    public static string CatalogueNoParty(object name, object known) => Text(nameof(CatalogueNoParty), name, known);

    public static string CatalogueExample1 => Text(nameof(CatalogueExample1));

    public static string CatalogueExample2 => Text(nameof(CatalogueExample2));

    public static string CatalogueNobody => Text(nameof(CatalogueNobody));

    public static string CatalogueNothing(object institution) => Text(nameof(CatalogueNothing), institution);

    public static string CatalogueRows(object count) => Text(nameof(CatalogueRows), count);

    public static string CatalogueFeature => Text(nameof(CatalogueFeature));

    public static string CatalogueKind => Text(nameof(CatalogueKind));

    public static string CatalogueTitle => Text(nameof(CatalogueTitle));

    public static string CatalogueUnit => Text(nameof(CatalogueUnit));

    public static string CatalogueNumber => Text(nameof(CatalogueNumber));

    public static string CatalogueText => Text(nameof(CatalogueText));

    public static string CatalogueLabel => Text(nameof(CatalogueLabel));

    private static string Text(string name, params object[] values)
    {
        var text = Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return values.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }
}
