using System.Runtime.ExceptionServices;
using FedLab.Audit;
using FedLab.Federation.Remote;
using FedLab.Operation.Management;
using FedLab.Operation.Telemetry;
using FedLab.Participant.Auditing;
using FedLab.Participant.Catalogues;
using FedLab.Participant.Configuration;
using FedLab.Participant.Enrolment;
using FedLab.Participant.Runs;
using Microsoft.Extensions.Logging;

namespace FedLab.Participant;

/// <summary>How a participant is started.</summary>
public sealed record ParticipantStart
{
    /// <summary>The home folder.</summary>
    public required string Home { get; init; }

    /// <summary>Another file than the configuration's; null for that one.</summary>
    public string? Data { get; init; }

    /// <summary>How long the first connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>The command line's settings, each <c>field=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The party's role.</summary>
    public required PartyRole Role { get; init; }

    /// <summary>Shows a line to the person at the terminal.</summary>
    public Action<string> Tell { get; init; } = _ => { };

    /// <summary>Shows a failure to that person.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A participant from its start to its end.</summary>
public static class ParticipantHost
{
    /// <summary>Opens the home folder, reads the data, dials the coordinator and works until the token ends it.</summary>
    /// <param name="start">How it is started.</param>
    /// <param name="cancellationToken">Ends the participant.</param>
    /// <exception cref="ConfigurationException">The folder or its configuration is wrong.</exception>
    /// <exception cref="Federation.Identity.KeyFileException">A key or certificate is wrong.</exception>
    /// <exception cref="Data.DataFormatException">The data cannot be used.</exception>
    /// <exception cref="AuditException">The audit log cannot be opened or written.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="SessionRefusedException">The coordinator refuses this party, or this party the coordinator.</exception>
    public static async Task RunAsync(ParticipantStart start, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(start);
        var folder = Path.GetFullPath(start.Home);
        ParticipantWorker? working = null;
        // How it is can be asked from the first moment on, while it enrols and reads.
        await using var management = await StartManagementAsync(folder, start, () => working, cancellationToken).ConfigureAwait(false);
        var rows = await EnrolmentAtStart.RunAsync(start, cancellationToken).ConfigureAwait(false);
        using var home = ParticipantHome.Open(folder, start.Settings, start.Time);
        Exception? failure = null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void LogFailed(IOException e) => Fail(new IOException(Messages.LogUnwritable(home.LogPath, e.Message), e));
        void Fail(Exception e)
        {
            failure ??= e;
            stop.Cancel();
        }
        using var logs = LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(Enum.Parse<LogLevel>(home.Options.LogLevel, ignoreCase: true)).AddProvider(new JsonLinesLoggerProvider(home.LogPath, start.Time, LogFailed));
            if (home.Options.LogConsole) logging.AddJsonConsole();
        });
        var logger = logs.CreateLogger("FedLab.Participant");
        using var export = TelemetryExport.Start(home.Options.Telemetry, "fedlab-participant", home.Options.Name);
        var audit = await AuditLog.OpenAsync(home.AuditFolder, home.Options.Name, home.CosigningKey, start.Time, cancellationToken).ConfigureAwait(false);
        await using (audit.ConfigureAwait(false))
        {
            var data = await OwnData.ReadAsync(home, start.Data, cancellationToken, rows).ConfigureAwait(false);
            Log.DataRead(logger, home.Options.Name, data.RowCount);
            start.Tell(Messages.DataRead(data.RowCount, home.DataReportPath));
            var journal = new ParticipantJournal(audit, e =>
            {
                Fail(e);
                Log.AuditFailed(logger, e.Message);
            });
            var catalogue = await OwnCatalogue.PrepareAsync(home, data, start.Data is not null, journal, start.Tell, logger, cancellationToken).ConfigureAwait(false);
            using var worker = new ParticipantWorker(home, data, catalogue, journal, start.Role, start.ConnectTimeout, start.Tell, start.Warn, logger, start.Time);
            working = worker;
            try
            {
                await worker.RunAsync(stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (failure is null && cancellationToken.IsCancellationRequested)
            {
                Log.Stopping(logger);
            }
            catch (OperationCanceledException) when (failure is not null)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
            catch (SessionRefusedException e)
            {
                Log.Refused(logger, e.Message);
                throw;
            }
            finally
            {
                // The signed head is what vouches for the entries towards a reviewer; a log that could not be written has none to sign.
                if (failure is null) await audit.CreateCheckpointAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static async Task<ManagementServer> StartManagementAsync(string folder, ParticipantStart start, Func<ParticipantWorker?> worker, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder)) throw new ConfigurationException(Messages.HomeMissing(folder));
        var options = ParticipantHome.ReadOptions(folder, start.Settings).Management;
        return await ManagementServer.StartAsync(options, () => worker() is not { } working ? ["starting"] : working.IsConnected ? [] : ["not connected to the coordinator"], cancellationToken).ConfigureAwait(false);
    }
}
