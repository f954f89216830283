using System.Globalization;
using System.Resources;

namespace FedLab.Client.Resources;

/// <summary>What a person reads while a lab is brought up or taken down, in the current UI culture.</summary>
internal static class LaunchMessages
{
    private static readonly ResourceManager Manager = new("FedLab.Client.Resources.LaunchMessages", typeof(LaunchMessages).Assembly);

    public static string NameTooLong(object name, object limit) => Text(nameof(NameTooLong), name, limit);

    public static string PartyIsCoordinator => Text(nameof(PartyIsCoordinator));

    public static string ProgramFailed(object program, object reason) => Text(nameof(ProgramFailed), program, reason);

    public static string ImageMissing(object image, object target) => Text(nameof(ImageMissing), image, target);

    public static string NameTaken(object lab, object folder) => Text(nameof(NameTaken), lab, folder);

    public static string CoordinatorEnded => Text(nameof(CoordinatorEnded));

    public static string GivenUp(object party, object problem) => Text(nameof(GivenUp), party, problem);

    public static string LastWords(object lines) => Text(nameof(LastWords), lines);

    public static string NotWell(object names, object minutes) => Text(nameof(NotWell), names, minutes);

    public static string SeveralLabs(object folders) => Text(nameof(SeveralLabs), folders);

    public static string NoSwarm(object socket) => Text(nameof(NoSwarm), socket);

    public static string NoSuchParty(object party, object known) => Text(nameof(NoSuchParty), party, known);

    public static string NoWorkerCredential(object party) => Text(nameof(NoWorkerCredential), party);

    public static string NotRemoved(object names, object reason) => Text(nameof(NotRemoved), names, reason);

    public static string LabRuns(object folder, object address) => Text(nameof(LabRuns), folder, address);

    public static string NoLabOfProcesses(object folder) => Text(nameof(NoLabOfProcesses), folder);

    public static string DetachNotHere => Text(nameof(DetachNotHere));

    public static string SupervisorEnded(object code, object log) => Text(nameof(SupervisorEnded), code, log);

    public static string NotEnded(object process) => Text(nameof(NotEnded), process);

    private static string Text(string name, params object[] values)
    {
        var text = Manager.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return values.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }
}
