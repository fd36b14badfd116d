package org.iommu4j.kit;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.iommu4j.iommu.machine.MachineBuilder;
import org.iommu4j.iommu.pci.PciDevice;
import org.iommu4j.iommu.spi.Errno;
import org.iommu4j.iommu.spi.IommuDomain;
import org.iommu4j.iommu.spi.IommuDriver;
import org.iommu4j.iommu.spi.IommuVendor;
import org.iommu4j.testkit.VendorFixture;

/** A vendor like another, but for domains, which take no second device. */
final class PickyFixture implements VendorFixture {
  private final VendorFixture like;
  private final Map<Object, PciDevice> firstOf = new HashMap<>();

  PickyFixture(VendorFixture like) {
    this.like = like;
  }

  @Override
  public IommuVendor vendor() {
    IommuVendor vendor = like.vendor();
    return proxy(
        IommuVendor.class,
        (self, method, arguments) ->
            method.getName().equals("driver")
                ? driver((IommuDriver) call(vendor, method, arguments))
                : call(vendor, method, arguments));
  }

  private IommuDriver driver(IommuDriver driver) {
    return proxy(
        IommuDriver.class,
        (self, method, arguments) -> {
          if (method.getName().equals("attachDevice")
              && !arguments[1].equals(
                  firstOf.computeIfAbsent(arguments[0], domain -> (PciDevice) arguments[1]))) {
            return Errno.EINVAL;
          }
          if (method.getName().equals("freeDomain")) {
            firstOf.remove((IommuDomain) arguments[0]);
          }
          return call(driver, method, arguments);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
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
