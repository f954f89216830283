using System.CommandLine;
using FedLab.Cli.CommandLine;
using FedLab.Cli.Display;
using FedLab.Cli.Resources;
using FedLab.Client;
using FedLab.Client.Labs;
using FedLab.Client.Launching;

namespace FedLab.Cli.Commands;

/// <summary><c>fedlab catalogue</c>: the institutions of a lab and the columns that they have published.</summary>
internal static class CatalogueCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="screen">Where to write.</param>
    /// <param name="time">Clock.</param>
    public static Command Create(Screen screen, TimeProvider time)
    {
        var party = Options.One("--party", "NAME", LabMessages.CataloguePartyOption);
        var project = Options.One("--project", "DIR", Messages.ProjectFolderOption);
        var output = Options.One("--out", "DIR", LabMessages.CatalogueOutOption);
        var coordinator = Options.One("--coordinator", "https://HOST:PORT", Messages.RunCoordinatorOption);
        var keys = Options.One("--keys", "DIR", Messages.RunKeysOption);
        var json = Options.Json();
        var command = new DescribedCommand("catalogue", LabMessages.CatalogueDescription)
        {
            Usage = "",
            Examples =
            [
                new Example("fedlab catalogue --project credit-2026", LabMessages.CatalogueExample1),
                new Example("fedlab catalogue --out lab --party public-credit", LabMessages.CatalogueExample2),
            ],
            Options = { party, project, output, coordinator, keys, json },
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            using var lab = Connect(result.GetValue(project), result.GetValue(output), result.GetValue(coordinator), result.GetValue(keys), time);
            var institutions = await lab.ListInstitutionsAsync(cancellationToken);
            if (result.GetValue(party) is { } name)
            {
                institutions = institutions.Any(institution => institution.Name == name)
                    ? [.. institutions.Where(institution => institution.Name == name)]
                    : throw ClientException.Usage(LabMessages.CatalogueNoParty(name, string.Join(", ", institutions.Select(institution => institution.Name))));
            }
            if (result.GetValue(json)) screen.WriteJson(CatalogueTables.ToJson(institutions));
            else CatalogueTables.Write(screen.Output, institutions);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>The lab that is meant: of a project, of a folder of this machine, or a coordinator with a lead's keys.</summary>
    private static LabConnection Connect(string? project, string? output, string? coordinator, string? keys, TimeProvider time)
    {
        if (coordinator is not null && keys is not null) return new LabConnection(RunCommand.ParseAddress(coordinator), keys, time);
        if (coordinator is not null || keys is not null) throw ClientException.Usage(LabMessages.CatalogueWhich);
        if (output is not null)
        {
            var lab = LaunchedLab.Find(output) ?? throw ClientException.Usage(LabMessages.CatalogueNoLab(output));
            return new LabConnection(lab.Address, lab.Keys, time);
        }
        var found = ProjectFolder.Open(project ?? ".");
        return new LabConnection(found.Coordinator, found.LeadKeys, time);
    }
}
