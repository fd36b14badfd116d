package org.iommu4j.kit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Function;
import org.iommu4j.iommu.machine.MachineBuilder;
import org.iommu4j.iommu.policy.DomainType;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.testkit.VendorFixture;

/**
 * A vendor like another, but for the domains of others than the DMA API.
 *
 * @param like the other
 * @param unlike makes of one of its domains the one that is seen
 */
record UnlikeFixture(VendorFixture like, Function<IommuDomain, ForwardingDomain> unlike)
    implements VendorFixture {
  @Override
  public IommuVendor vendor() {
    IommuVendor vendor = like.vendor();
    return (IommuVendor)
        Proxy.newProxyInstance(
            IommuVendor.class.getClassLoader(),
            new Class<?>[] {IommuVendor.class},
            (self, method, arguments) ->
                method.getName().equals("driver")
                    ? driver((IommuDriver) method.invoke(vendor, arguments))
                    : method.invoke(vendor, arguments));
  }

  private IommuDriver driver(IommuDriver driver) {
    return (IommuDriver)
        Proxy.newProxyInstance(
            IommuDriver.class.getClassLoader(),
            new Class<?>[] {IommuDriver.class},
            (self, method, arguments) -> {
              for (int i = 0; arguments != null && i < arguments.length; i++) {
                if (arguments[i] instanceof ForwardingDomain domain) {
                  arguments[i] = domain.like();
                }
              }
              try {
                Object result = method.invoke(driver, arguments);
                return result instanceof IommuDomain domain && domain.type() == DomainType.UNMANAGED
                    ? unlike.apply(domain)
                    : result;
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            });
  }

  @Override
  public void mark(MachineBuilder machine) {
    like.mark(machine);
  }

  @Override
  public String commandLine() {
    return like.commandLine();
  }

  @Override
  public int pageTableLevels() {
    return like.pageTableLevels();
  }

  @Override
  public boolean mapsLargePages() {
    return like.mapsLargePages();
  }
}
