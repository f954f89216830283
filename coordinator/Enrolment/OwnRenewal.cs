using System.Diagnostics.CodeAnalysis;

namespace FedLab.Coordinator.Enrolment;

/// <summary>Looks now and then whether the coordinator's own certificate is to be renewed.</summary>
internal sealed class OwnRenewal(EnrolmentDesk desk, ILogger<OwnRenewal> logger, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    [SuppressMessage("Design", "CA1031", Justification = "Renewal is tried again; what fails for good has told the host already.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(false);
            try
            {
                desk.RenewOwn();
            }
            catch (Exception e)
            {
                Log.RenewalFailed(logger, e);
            }
        }
    }
}
